import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, parseLine } from '../../daemons/command-line.ts';
import { readDocument, writeDocument } from '../host-documents.ts';
import { type ManifestObject, parseManifest } from '../manifests/manifests.ts';
import { podSpecOf } from '../manifests/pod-specs.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { KINDS, type Rule, RULES } from './rules.ts';
import { KUBESEC_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERSION = '2.14.2';
/** Of standard input; as much as of a file. */
const MAX_INPUT = 2_000_000;
/** What a failed scan ends with (cmd/kubesec/scan.go). */
const FAILED_SCAN = 2;

const OPTIONS = optionTable(
  '-f --format=',
  '-o --output=',
  '--exit-code=',
  '--absolute-path',
  '--debug',
  '--schema-location=',
  '--kubernetes-version=',
);

interface RuleReport {
  readonly id: string;
  readonly selector: string;
  readonly reason: string;
  readonly points: number;
}

export interface KubesecReport {
  readonly object: string;
  readonly valid: boolean;
  readonly fileName: string;
  readonly message: string;
  readonly score: number;
  readonly scoring: {
    readonly critical?: readonly RuleReport[];
    readonly passed?: readonly RuleReport[];
    readonly advise?: readonly RuleReport[];
  };
}

/** `kubesec scan FILE` and `kubesec scan -`, its JSON report and exit status (github.com/controlplaneio/kubesec). */
export const kubesec =
  ({ host }: Pick<ToolContext, 'host'>): Command =>
  async (call) => {
    const [verb = '', ...args] = call.args;
    if (verb === 'version' || verb === '--version') {
      await call.stdout(`version ${VERSION} (Breachlab's model; manifests are not checked against schemas)\n`);
      return 0;
    }
    if (verb !== 'scan') return complain(call, `not simulated: kubesec ${verb}; there are scan, version`);
    const line = parseLine(args, OPTIONS);
    if (line.outcome === 'wrong')
      return complain(call, `not simulated: kubesec scan ${line.argument} (${line.complaint})`);
    const { options, words } = line;
    const format = lastOption(options, 'format') ?? 'json';
    if (format !== 'json') return complain(call, `not simulated: kubesec scan --format ${format}; there is json`);
    const status = lastOption(options, 'exit-code') ?? `${FAILED_SCAN}`;
    if (!/^\d{1,3}$/.test(status)) return complain(call, `Error: invalid argument "${status}" for "--exit-code" flag`);
    const [file] = words;
    if (file === undefined) return complain(call, 'Error: file path is required');
    const input =
      file === '-' || file === '/dev/stdin' ? await standardInput(call) : await readDocument(host, call.cwd, file);
    if (input.outcome === 'refused') return complain(call, `Error: open ${file}: ${input.reason}`);
    const parsed = parseManifest(file, input.text);
    if (parsed.outcome === 'broken') return complain(call, `Error: error converting YAML to JSON: ${parsed.reason}`);
    if (parsed.objects.length === 0) return complain(call, 'Error: Invalid input');
    const reports = parsed.objects.map((object) => reportOn(object, file === '-' ? 'STDIN' : file));
    const text = `${JSON.stringify(reports, undefined, 2)}\n`;
    const output = lastOption(options, 'output');
    const complaint =
      output === undefined ? await call.stdout(text) : await writeDocument(host, call.cwd, output, text);
    if (typeof complaint === 'string') return complain(call, `Error: ${complaint}`);
    return reports.some(({ score, valid }) => score < 0 || !valid) ? Number(status) : 0;
  };

async function complain(call: CommandCall, text: string): Promise<number> {
  await call.stderr(`${text}\n`);
  return 1;
}

async function standardInput({ stdin }: CommandCall) {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdin) {
    const buffer = Buffer.from(piece as string | Uint8Array);
    bytes += buffer.length;
    if (bytes > MAX_INPUT) return { outcome: 'refused', reason: `larger than ${MAX_INPUT} bytes` } as const;
    pieces.push(buffer);
  }
  return { outcome: 'read', text: Buffer.concat(pieces).toString() } as const;
}

/** Points of the rules that an object meets (pkg/ruler/ruleset.go, generateReport). */
function reportOn(object: ManifestObject, fileName: string): KubesecReport {
  const name = `${object.kind}/${object.name}.${object.namespace === '' ? 'default' : object.namespace}`;
  const base = { object: object.kind === '' ? 'Unknown' : name, fileName, score: 0, scoring: {} };
  if (object.kind === '')
    return { ...base, valid: false, message: 'This resource is invalid, Kubernetes kind not found' };
  const pod = KINDS.includes(object.kind) ? podSpecOf(object) : undefined;
  if (pod === undefined) return { ...base, valid: true, message: 'This resource kind is not supported by kubesec' };
  const applied = RULES.filter(({ kinds }) => kinds === undefined || kinds.includes(object.kind));
  const held = new Set(applied.filter((rule) => rule.holds(pod, object)));
  const score = [...held].reduce((sum, { points }) => sum + points, 0);
  const critical = inOrder(applied.filter((rule) => rule.points < 0 && held.has(rule)));
  const passed = inOrder(applied.filter((rule) => rule.points >= 0 && held.has(rule)));
  const advise = inOrder(applied.filter((rule) => rule.points >= 0 && !held.has(rule)));
  return {
    object: name,
    valid: true,
    fileName,
    message: `${score >= 0 ? 'Passed' : 'Failed'} with a score of ${score} points`,
    score,
    scoring: {
      ...(critical.length > 0 ? { critical } : {}),
      ...(passed.length > 0 ? { passed } : {}),
      ...(advise.length > 0 ? { advise } : {}),
    },
  };
}

/** Most points first, then by selector (pkg/ruler/report.go). */
const inOrder = (rules: readonly Rule[]): readonly RuleReport[] =>
  rules
    .toSorted(
      (a, b) =>
        Math.abs(b.points) - Math.abs(a.points) || (a.selector < b.selector ? -1 : a.selector > b.selector ? 1 : 0),
    )
    .map(({ id, selector, reason, points }) => ({ id, selector, reason, points }));

export const KUBESEC: Tool = {
  name: 'kubesec',
  on: ['workstation', 'controlplane'],
  command: (context) => withHelp('kubesec', KUBESEC_HELP, kubesec(context)),
};
