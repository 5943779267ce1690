/** The shelf of tasks at the top, in groups. */

/**
 * @param {HTMLElement} element @param {any[]} tasks @param {(name: string) => void} choose
 * @returns {(name: string) => void} marks the chosen one
 */
export function shelf(element, tasks, choose) {
  let group = "";
  for (const task of tasks) {
    if (group && task.group !== group)
      element.append(Object.assign(document.createElement("span"), { className: "divider" }));
    group = task.group;
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: task.title,
      title: task.summary,
    });
    button.dataset.task = task.name;
    button.onclick = () => choose(task.name);
    element.append(button);
  }
  return (name) => {
    for (const button of element.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.task === name));
      if (button.dataset.task === name) element.scrollTo({ left: button.offsetLeft - element.clientWidth / 2 });
    }
  };
}
