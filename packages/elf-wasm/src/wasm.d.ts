/** The build inlines WebAssembly files as bytes. */
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
