/** The mark of a run in which something was found: a shape and a colour, and its title for who does not see it. */

import { make } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { firstOf } from "./findings.js";

/** @import {Finding} from "../state/types.js" */

/** How bad it is, to sort by. @param {Finding | null} finding */
export const badness = (finding) => (finding ? { ill: 3, caution: 2, good: 1 }[finding.kind] : 0);

/**
 * Mark a run; nothing where nothing was found in it.
 * @param {Finding[] | undefined} findings @param {boolean} [hasWords] whether the title stands beside it
 */
export function markOfFindings(findings, hasWords = false) {
  const finding = firstOf(findings ?? []);
  const mark = make("span", { className: "found", hidden: !finding });
  if (!finding) return mark;
  mark.dataset.kind = finding.kind;
  mark.title = finding.sentence;
  const words = make("span", { className: hasWords ? "" : "visually-hidden", textContent: finding.title });
  mark.append(icon(finding.kind), words);
  return mark;
}
