/** How a service's main process came to its end. */
export type Ending =
  | { readonly code: 'exited'; readonly status: number }
  | { readonly code: 'killed'; readonly signal: number };

/** Signals by number as kill(1) and systemd name them (signal(7), without `SIG`). */
const SIGNALS = 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT'.split(' ');
/** What systemd takes for a wish rather than a failure (systemd.service(5), SuccessExitStatus=). */
const CLEAN_SIGNALS = new Set([1, 2, 13, 15]);
/** Names of exit statuses (systemd.exec(5)). */
const STATUSES: Readonly<Record<number, string>> = {
  0: 'SUCCESS',
  1: 'FAILURE',
  2: 'INVALIDARGUMENT',
  203: 'EXEC',
  216: 'GROUP',
  255: 'EXCEPTION',
};

export const isClean = (ending: Ending): boolean =>
  ending.code === 'exited' ? ending.status === 0 : CLEAN_SIGNALS.has(ending.signal);

/** systemd's `Result=` of a unit. */
export const resultOf = (ending: Ending): 'success' | 'exit-code' | 'signal' =>
  isClean(ending) ? 'success' : ending.code === 'exited' ? 'exit-code' : 'signal';

/** The same of a unit that has failed: one that only ever ended well was started too often. */
export const failureOf = (ending: Ending): string => (isClean(ending) ? 'start-limit-hit' : resultOf(ending));

/** By name, with or without `SIG`, or by number; undefined for what is no signal. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 64 ? Number(text) : undefined;
  return SIGNALS.indexOf(text.replace(/^SIG/, '')) + 1 || undefined;
}

export const signalName = (signal: number): string => SIGNALS[signal - 1] ?? `RTMIN+${signal - 34}`;

/** `status=9/KILL`, as systemd's log has it. */
function statusText(ending: Ending): string {
  if (ending.code === 'killed') return `${ending.signal}/${signalName(ending.signal)}`;
  return `${ending.status}/${STATUSES[ending.status] ?? 'n/a'}`;
}

/** `code=killed, signal=KILL`, as `systemctl status` has it. */
export const endingText = (ending: Ending): string =>
  ending.code === 'killed'
    ? `code=killed, signal=${signalName(ending.signal)}`
    : `code=exited, status=${statusText(ending)}`;

/** What systemd logs when a unit's process has ended (systemd's src/core/service.c); of a clean end it says less. */
export function exitLines(name: string, ending: Ending, process: 'Main' | 'Control'): string[] {
  if (isClean(ending)) return [`${name}: Deactivated successfully.`];
  const exited = `${name}: ${process} process exited, code=${ending.code}, status=${statusText(ending)}`;
  return process === 'Main' ? [exited, `${name}: Failed with result '${resultOf(ending)}'.`] : [exited];
}
