/** Bytes as people read them: UTF-8, with replacement characters for what is not. */
const decoder = new TextDecoder();

export function decodeText(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : decoder.decode(bytes);
}
