/** What a lesson is on the page. */

/**
 * @typedef {object} Question asked before one trains
 * @property {string} ask @property {string[]} choices @property {number | null} answer of choices the number, from 1
 * @property {number} tolerance @property {string | null} curve the column that is sketched @property {string} because
 */
/**
 * @typedef {object} Goal
 * @property {string | null} metric @property {string | null} value @property {string | null} cause
 * @property {number | null} at_least @property {number | null} at_most
 * @property {number | null} above @property {number | null} below the step whose run this is compared with
 * @property {number | null} within @property {number | null} after @property {number | null} neurons
 * @property {Record<string, any>} where
 */
/**
 * @typedef {object} LessonStep
 * @property {string} title @property {string} text @property {Record<string, any>} settings
 * @property {string[]} hide @property {string[]} lock @property {Question | null} question @property {Goal | null} goal
 */
/** @typedef {{title: string, summary: string, minutes: number, steps: LessonStep[]}} LessonContent */
/** @typedef {{name: string | null, text: string, lesson: LessonContent}} LessonFile */
/** @typedef {{reached: number | null, words: string, best: number | null}} Verdict */
/** @typedef {{number: number, name: string, reached: {step: number, at: number}[], seconds: number}} StudentRow */
/** @typedef {{key: string, title: string, steps: number, text: string | null, students: StudentRow[]}} ClassState */
/**
 * How far a person is in a lesson: the step, from 0; what was answered; the goals, with the run that reached each.
 * @typedef {object} Way
 * @property {number} at @property {Record<number, any>} answers
 * @property {Record<number, {at: number, run: string}>} reached
 * @property {Record<number, string>} runs the last of each
 */
export {};
