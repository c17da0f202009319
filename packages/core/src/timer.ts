/** The longest that setTimeout() can wait, in milliseconds; what is longer would be over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
