import { type Image, runsOwnServer } from '../../images/image.ts';
import type { Container } from '../model/generated/objects.ts';
import { parseQuantity } from '../model/quantity.ts';

/** How a container's process goes: on for ever, or to its end after so many milliseconds. */
export type Process =
  | { readonly goes: 'on' }
  /** The runtime found nothing to run. */
  | { readonly goes: 'nowhere'; readonly message: string }
  | {
      readonly goes: 'to its end';
      readonly exitCode: number;
      readonly after: number;
      /** As in `state.terminated`, where the exit code does not say it. */
      readonly reason?: string;
      readonly message?: string;
    };

const ON: Process = { goes: 'on' };
const ends = (exitCode: number, after = 0): Process => ({ goes: 'to its end', exitCode, after });

/**
 * Foretells a container's process from its command line: the image's own process by its row, and the few commands whose course
 * is plain (`sleep`, `true`, `false`, `exit`, `echo`, also in `sh -c`). Whatever else a command may do goes on.
 */
export function processOf(container: Container, image: Image): Process {
  const argv = [
    ...(container.command ?? image.entrypoint),
    ...(container.args ?? (container.command ? [] : image.command)),
  ];
  if (container.command === undefined && container.args === undefined) {
    // A shell without a terminal reads the end of its input at once.
    return image.behaviour === 'serves' || (container.stdin === true && container.tty === true) ? ON : ends(0);
  }
  if (runsOwnServer(container, image)) return ON;
  return notFound(argv[0] ?? '', image) ?? outOfMemory(container, argv) ?? courseOf(argv);
}

/** `stress --vm-bytes` of more than the container's limit is ended by the kernel as soon as it has filled it. */
function outOfMemory({ resources }: Container, argv: readonly string[]): Process | undefined {
  if (argv[0]?.split('/').at(-1) !== 'stress') return undefined;
  const [, amount, unit = ''] = /--vm-bytes[= ](\d+)([BKMG]?)/i.exec(argv.join(' ')) ?? [];
  const limit = resources?.limits?.['memory'];
  if (amount === undefined || limit === undefined) return undefined;
  const { unscaled, scale } = parseQuantity(limit);
  const asked = Number(amount) * 1024 ** 'BKMG'.indexOf(unit.toUpperCase() || 'B');
  if (asked <= Number(unscaled) * 10 ** scale) return undefined;
  return { goes: 'to its end', exitCode: 137, after: 0, reason: 'OOMKilled' };
}

/** Where programs lie in every image the lab knows; another absolute path is one that nobody put there. */
const PROGRAM_FOLDERS = /^\/(usr\/(local\/)?)?s?bin\/[\w.+-]+$/;

/** What runc says of a program that is not there (libcontainer, os/exec LookPath). Names without a path are taken to be there. */
function notFound(program: string, image: Image): Process | undefined {
  if (!program.startsWith('/') || PROGRAM_FOLDERS.test(program) || image.entrypoint[0] === program) return undefined;
  const why = `exec: "${program}": stat ${program}: no such file or directory`;
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
    `unable to start container process: error during container init: ${why}`;
  return { goes: 'nowhere', message };
}

function courseOf(argv: readonly string[]): Process {
  const [program = '', ...args] = argv;
  const name = program.split('/').at(-1) ?? '';
  if ((name === 'sh' || name === 'bash' || name === 'ash') && args[0] === '-c') return courseOfScript(args[1] ?? '');
  switch (name) {
    case 'true':
    case 'echo':
    case 'date':
    case 'env':
      return ends(0);
    case 'false':
      return ends(1);
    case 'sleep':
      return sleep(args[0]);
    case 'exit':
      return ends(Number(args[0] ?? 0));
    default:
      return ON;
  }
}

function sleep(text: string | undefined): Process {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text ?? '');
  if (match === null) return text === 'infinity' || text === 'inf' ? ON : ends(1);
  const unit = { s: 1, m: 60, h: 3600, d: 86_400, '': 1 }[match[2] as 's' | 'm' | 'h' | 'd' | ''];
  return ends(0, Number(match[1]) * unit * 1000);
}

/** A script of plain steps one after another: their times add up, the last one's status counts. A loop or a pipe goes on. */
function courseOfScript(script: string): Process {
  if (/\b(while|until|for|if|case)\b|[|&`$<(]/.test(script.replace(/&&/g, ';'))) {
    const last = /;\s*(exit \d+|sleep [\w.]+)\s*$/.exec(script)?.[1];
    return /\b(while|until|for)\b/.test(script) || last === undefined ? ON : courseOf(last.split(' '));
  }
  let after = 0;
  let exitCode = 0;
  for (const step of script.replace(/&&/g, ';').split(/[;\n]/)) {
    const words = step
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) continue;
    const course = courseOf(words);
    if (course.goes !== 'to its end') return ON;
    after += course.after;
    exitCode = course.exitCode;
    if (words[0] === 'exit') break;
  }
  return ends(exitCode, after);
}
