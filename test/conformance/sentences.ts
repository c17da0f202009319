/** What is required of faithful executions, sentence by sentence: each has a case that shows it. */
export const SENTENCES = [
  // The promise over all.
  "A forwarded program must not be able to tell, nor must its parent.",
  // Streams.
  "stdin on demand: bytes that the program did not read stay with the caller.",
  "For files the local offset ends where the program stopped reading",
  "for pipes and terminals input is sent only when the program waits for it.",
  "`while read x; do ./prog; done < list` and `(./prog; cat) < file` behave as locally.",
  "stdin closed, /dev/null, a directory, a socket.",
  "stdout and stderr that are the same open file keep their order; separate ones stay separate.",
  "Readers that go away end the writer by SIGPIPE",
  "a closed stdout stays closed.",
  "Gigabytes with constant memory in client, broker and manager, back-pressure end to end",
  "output arrives as it is written, not when a buffer fills.",
  // Terminals.
  "When stdin or stdout is a terminal the program gets one remotely",
  "size and changes of it",
  "raw mode",
  "Ctrl-C, Ctrl-Z and fg, Ctrl-\\, EOF.",
  "`vi`-like and `read -s` programs work.",
  // Signals and ends.
  "Every catchable signal reaches the remote process group",
  "stop and continue keep job control working",
  "exit codes 0-255 and every terminating signal arrive as themselves in the parent's wait status",
  "a client killed with SIGKILL takes its remote group with it within a second",
  "orphans that keep stdout open do not hang the caller longer than a local one would.",
  // Context.
  "argv[0], bytes that are not UTF-8, 2 MiB of argv+environment, empty argv",
  "cwd",
  "cwd mapped by configuration; a missing one is an error naming both paths, never /tmp",
  "umask, resource limits as far as the remote allows, nice.",
  "Environment policy: the caller's, minus ours (hook entries, TLDT_*)",
  "names that belong to the remote job (TMPDIR, HOSTNAME, SLURM_*, PBS_*, SGE_*) keep the remote's value",
  "Environment policy, configurable",
  "LD_LIBRARY_PATH by mapping",
  "Path mapping local to remote for executable, cwd and chosen variables.",
  "Inherited descriptors beyond 2 are not forwarded: a note in the log, not a hang.",
  // Accounts.
  "The end message carries user and system time, peak memory and host",
  "the event log and summary show them",
  "the client's own rusage is not faked.",
  // Nested execution.
  "A remote program that itself executes programs: target ones run where it is",
  "a local-format one fails on the node with an error that names it and the ways out (alternative, FORCE_LIST).",
] as const;

export type Sentence = (typeof SENTENCES)[number];
