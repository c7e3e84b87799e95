import { CONTAINER_FIELDS } from './container-fields.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import { FD_FIELDS } from './fd-fields.ts';
import type { Field, FieldValue, Fields, FalcoEvent } from './field.ts';
import { PATH_FIELDS } from './path-fields.ts';
import { PROCESS_FIELDS } from './process-fields.ts';

/** Every field that is known here. */
export const FIELDS: Fields = { ...EVENT_FIELDS, ...PROCESS_FIELDS, ...FD_FIELDS, ...PATH_FIELDS, ...CONTAINER_FIELDS };

/** Fields of falco's that nothing here tells, so that a rule with one is refused in other words than one with a slip of the pen. */
const NOT_MODELLED = new RegExp(
  `^(?:${[
    String.raw`evt\.(?:abspath|asynctype|buffer|buflen|cpu|deltatime.*|delta.*|info|io_dir|is_async|is_io.*|is_open_exec|is_syslog|is_wait|latency.*|pluginname|plugininfo|reltime.*|system|wait_latency|outputtime.*)`,
    String.raw`proc\.(?:acmdline|aexe|aexepath|apid|cgroup.*|cmdenv|env|aenv|exe_.*|fd.*|is_.*|loginshellid|nchilds|nthreads|pexe|pexepath|pgid.*|pid_ts|pidns.*|ppid_.*|pvpid|sid.*|sname|stdin.*|stdout.*|stderr.*|thread_.*|vmrss|vmsize|vpgid.*|duration|ppid\.duration|pid\.ts|ppid\.ts)`,
    String.raw`fd\.(?:cip\.name|sip\.name|lip\.name|rip\.name|containername|containerdirectory|cport|lport|cproto|sproto|lproto|rproto|dev.*|ino|is_upper_layer|is_lower_layer|name_changed|proto|types|uid|socket_.*)`,
    String.raw`fdlist\..*|thread\..*|container\..*|k8s\..*|evtin\..*|syslog\..*|group\..*|user\..*`,
  ].join('|')})(?:$|[.[])`,
);

/** A field with its argument, ready to be asked. */
export interface FoundField {
  readonly field: Field;
  /** As it is written. */
  readonly name: string;
  value(event: FalcoEvent): FieldValue;
}

/** `refused`: there is such a field, but not here: `not simulated: …`. Nothing: there is no such field. */
export type FieldSearch = { readonly found: FoundField } | { readonly refused: string | undefined };

/** Looks a field up as rules name it: `proc.aname[2]`, `evt.arg.flags` or `k8s.pod.label[app]`. */
export function findField(name: string, argument: string | undefined): FieldSearch {
  const written = argument === undefined ? name : `${name}[${argument}]`;
  const field = FIELDS[name];
  if (field !== undefined) {
    if (argument !== undefined && field.argument === undefined) return { refused: undefined };
    if (argument === undefined && field.argument === 'needed') return { refused: undefined };
    return { found: { field, name: written, value: (event) => field.value(event, argument) } };
  }
  const parent = Object.keys(FIELDS).find((one) => FIELDS[one]?.argument !== undefined && name.startsWith(`${one}.`));
  if (parent !== undefined && argument === undefined) return findField(parent, name.slice(parent.length + 1));
  return { refused: NOT_MODELLED.test(name) ? `not simulated: the field ${written}` : undefined };
}
