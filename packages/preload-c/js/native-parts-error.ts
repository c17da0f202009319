/** Why there are no native parts. `message` says what happened, `next` what to do about it. */
export type NativePartsError = { readonly message: string; readonly next: string } & (
  | { readonly kind: "unsupported-platform"; readonly platform: string; readonly arch: string }
  | { readonly kind: "incomplete-directory"; readonly directory: string; readonly missing: readonly string[] }
  | { readonly kind: "no-compiler"; readonly command: string }
  | { readonly kind: "compile-failed"; readonly directory: string; readonly output: string }
  | { readonly kind: "cache-failed"; readonly directory: string; readonly code: string }
);
