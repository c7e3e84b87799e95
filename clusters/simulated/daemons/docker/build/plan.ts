import { type Instruction, parseDockerfile } from '../../../images/dockerfile.ts';
import { EngineRefusal } from '../refusal.ts';

/** One step of a build: an instruction with its variables put in, and as it stands in the file. */
export interface Step {
  readonly name: string;
  readonly value: string;
  /** `COPY --chown=app hello /hello`, as history and output show it. */
  readonly shown: string;
  /** `--chown=app`, without dashes. */
  readonly options: Readonly<Record<string, string>>;
  /** Arguments that a command line of it sees, `ARG` so far. */
  readonly args: Readonly<Record<string, string>>;
}

/** A stage: what it is from, what it is called, its further steps. */
export interface Stage {
  readonly from: string;
  readonly name: string;
  readonly shown: string;
  readonly steps: readonly Step[];
}

const NOT_SIMULATED = new Set(['VOLUME', 'ONBUILD', 'STOPSIGNAL', 'SHELL']);
const KNOWN = new Set(
  'ARG RUN COPY ADD ENV USER CMD ENTRYPOINT LABEL EXPOSE WORKDIR MAINTAINER HEALTHCHECK'.split(' '),
);
/** Instructions in which variables stand for their values (docs.docker.com/reference/dockerfile, environment replacement). */
const REPLACED = new Set('COPY ADD ENV USER LABEL EXPOSE WORKDIR ARG'.split(' '));

/** Reads a Dockerfile into its stages. Throws `EngineRefusal` in dockerd's words (moby builder/dockerfile), or with what is not simulated. */
export function planOf(text: string, given: Readonly<Record<string, string>>): readonly Stage[] {
  if (/^#\s*escape\s*=\s*`/im.test(text)) throw new EngineRefusal(501, 'not simulated: another escape character');
  const instructions = parseDockerfile(text);
  if (instructions.length === 0) throw new EngineRefusal(400, 'the Dockerfile (Dockerfile) cannot be empty');
  const stages: { from: string; name: string; shown: string; steps: Step[] }[] = [];
  const global: Record<string, string> = {};
  let env: Record<string, string> = {};
  let args: Record<string, string> = {};
  for (const instruction of instructions) {
    const { name } = instruction;
    const line = instruction.lines[0];
    const stage = stages.at(-1);
    if (name === 'FROM') {
      const [, from = '', as = ''] = /^(\S+)(?:\s+as\s+(\S+))?$/i.exec(instruction.value) ?? [];
      if (from === '')
        throw new EngineRefusal(
          400,
          `dockerfile parse error line ${line}: FROM requires either one or three arguments`,
        );
      stages.push({
        from: replaced(from, { ...global, ...pick(given, global) }),
        name: as.toLowerCase(),
        shown: `FROM ${instruction.value}`,
        steps: [],
      });
      [env, args] = [{}, {}];
      continue;
    }
    if (NOT_SIMULATED.has(name)) throw new EngineRefusal(501, `not simulated: ${name} of a Dockerfile`);
    if (!KNOWN.has(name))
      throw new EngineRefusal(400, `dockerfile parse error line ${line}: unknown instruction: ${name}`);
    if (instruction.value.includes('<<')) throw new EngineRefusal(501, `not simulated: here-documents in ${name}`);
    const { options, value: raw } = optionsOf(instruction);
    const value = REPLACED.has(name) ? replaced(raw, { ...args, ...env }) : raw;
    if (name === 'ARG') {
      const [, variable = '', standard] = /^(\w+)(?:=(.*))?$/s.exec(unquoted(value)) ?? [];
      const one = given[variable] ?? standard ?? (stage === undefined ? undefined : global[variable]);
      if (one !== undefined) (stage === undefined ? global : args)[variable] = one;
    }
    if (stage === undefined) {
      if (name === 'ARG') continue;
      throw new EngineRefusal(400, 'no build stage in current context');
    }
    if (name === 'ENV') Object.assign(env, pairs(value));
    stage.steps.push({ name, value, shown: `${name} ${instruction.value}`, options, args: { ...args } });
  }
  if (stages.length === 0) throw new EngineRefusal(400, 'file with no instructions');
  return stages;
}

const pick = (given: Readonly<Record<string, string>>, names: object): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => name in names));

const OPTION = /^--([\w-]+)(?:=(\S*))?\s+/;
/** Options that the builder without BuildKit has. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  COPY: ['chown', 'chmod', 'from'],
  ADD: ['chown', 'chmod'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries'],
};

function optionsOf({ name, value, lines }: Instruction): { options: Record<string, string>; value: string } {
  const options: Record<string, string> = {};
  let rest = value;
  for (let found = OPTION.exec(rest); found !== null; found = OPTION.exec(rest)) {
    const [whole, option = '', given = ''] = found;
    if (OPTIONS[name]?.includes(option) !== true)
      throw new EngineRefusal(
        400,
        `dockerfile parse error line ${lines[0]}: the --${option} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
      );
    options[option] = given;
    rest = rest.slice(whole.length);
  }
  return { options, value: rest };
}

/** `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`; what has no value is empty. */
const replaced = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\\\$|\$(\w+)|\$\{(\w+)(?::([-+])([^}]*))?\}/g, (whole, bare, braced, sign, word: string = '') => {
    if (whole === '\\$') return '$';
    const value = values[(bare ?? braced) as string] ?? '';
    if (sign === '-') return value === '' ? word : value;
    return sign === '+' ? (value === '' ? '' : word) : value;
  });

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/s, '$2').replaceAll(/=(["'])(.*?)\1/gs, '=$2');

/** `NAME=value other="two words"`, or of old `NAME value`. */
export function pairs(text: string): Record<string, string> {
  if (!/^\S+=/.test(text)) {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    return name === '' ? {} : { [name]: value };
  }
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(
    /("[^"]*"|[^\s=]+)=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])*)/gs,
  ))
    found[name.replaceAll('"', '')] = value.replaceAll(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, two, one, escaped) => String(two ?? one ?? escaped ?? '').replaceAll(/\\(.)/g, '$1'),
    );
  return found;
}

/** A command in JSON is its words, any other is for the shell. */
export function commandOf(value: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(value);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // a line for the shell
  }
  return ['/bin/sh', '-c', value];
}
