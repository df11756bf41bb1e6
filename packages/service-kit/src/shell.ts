/** Commands in hints, as they can be typed. */

/** A word as a shell takes it: in quotation marks where it holds a blank or anything else with a meaning of its own. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
