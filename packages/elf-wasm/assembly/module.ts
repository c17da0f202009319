/** The WebAssembly module: what the caller can call, and where in its memory questions and answers are. */
export { nextAbi } from "./abi";
export { namesAddress } from "./dynamic";
export { factsAddress, headAddress, judgeHeader, readHeader, readHeaderAs } from "./header";
export { beginReading, beginReadingAs, goOn } from "./reading";
export { reportAddress } from "./report";
export { segmentsAddress } from "./segments";
