/** The calls about lessons and about the class. */

import { call } from "./api.js";

/** @import {ClassState, LessonFile, Verdict} from "./lesson_types.js" */

/** @returns {Promise<{name: string, title: string, summary: string, minutes: number, steps: number}[]>} */
export const listLessons = () => call("GET", "lessons");
/** @param {string} name @returns {Promise<LessonFile>} */
export const getLesson = (name) => call("GET", `lessons/${encodeURIComponent(name)}`);
/** @param {string} text @returns {Promise<LessonFile>} */
export const readLesson = (text) => call("POST", "lessons/read", { text });
/** @param {object} question @returns {Promise<Verdict>} */
export const judgeGoal = (question) => call("POST", "lessons/goal", question);
/** @returns {Promise<ClassState>} */
export const getClass = () => call("GET", "class");
/** @param {string} text @returns {Promise<ClassState>} */
export const openClass = (text) => call("PUT", "class", { text });
export const closeClass = () => call("DELETE", "class");
/** @param {string} name @returns {Promise<{key: string, number: number, name: string}>} */
export const joinClass = (name) => call("POST", "class/students", { name });
/** @param {number} number */
export const removeStudent = (number) => call("DELETE", `class/students/${number}`);
/** @param {object} report @returns {Promise<Verdict>} */
export const reportGoal = (report) => call("POST", "class/goals", report);
