/** What HELLO and messages call this program. */
export const VERSION_NUMBER = "0.1.0";
export const SOFTWARE = `tldt ${VERSION_NUMBER}`;
