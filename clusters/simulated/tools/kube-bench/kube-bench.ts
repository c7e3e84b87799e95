import { lastOption, optionTable, parseLine, type Options } from '../../daemons/command-line.ts';
import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import { writeDocument } from '../host-documents.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { isScored, type Check, type Target, type TargetName } from './benchmark.ts';
import { CIS_1_12 } from './cis-1.12/targets.ts';
import { evaluate, type CheckResult } from './evaluate.ts';
import { junitReport } from './junit.ts';
import { readNodeState, type NodeState } from './node-state.ts';
import { counts, jsonReport, textReport, type TargetResult } from './report.ts';

const BENCHMARK = 'cis-1.12';
/** The benchmark is for 1.32 to 1.34; this lab's newer release is judged by it for want of a newer one. */
const VERSIONS = /^1\.3[2-6]$/;
const VERSION = `kube-bench, as this lab models it: its own checks of ${BENCHMARK}, over the lab's files, flags and objects\n`;

const OPTIONS = optionTable(
  '-c --check=',
  '-g --group=',
  '-s --targets=',
  '--skip=',
  '--benchmark=',
  '--version=',
  '--exit-code=',
  '-v --v=',
  '--json',
  '--junit',
  '--outputfile=',
  '--include-test-output[=]',
  ...['noresults', 'nosummary', 'noremediations', 'nototals'].map((name) => `--${name}[=]`),
  ...['scored', 'unscored'].map((name) => `--${name}[=]`),
  '-h --help',
);
/** Options of the real tool that would change what comes out. */
const NOT_MODELLED = optionTable('--asff', '--pgsql', '--config=', '-D --config-dir=');

/** What must run for a target to be judged, and its component's name (cfg/config.yaml; scheduler and the like are searched too). */
const PROGRAMS: Readonly<Record<TargetName, readonly (readonly [component: string, program: string])[]>> = {
  master: [
    ['apiserver', 'kube-apiserver'],
    ['scheduler', 'kube-scheduler'],
    ['controllermanager', 'kube-controller-manager'],
  ],
  controlplane: [['apiserver', 'kube-apiserver']],
  etcd: [['etcd', 'etcd']],
  node: [['kubelet', 'kubelet']],
  policies: [],
};

interface Failure {
  readonly text: string;
  readonly status: number;
}

/**
 * `kube-bench` (github.com/aquasecurity/kube-bench, cmd/): judges the node it is called on by its own files, by what runs there now,
 * and by the cluster's objects where kubectl has a kubeconfig.
 */
export const KUBE_BENCH: Tool = {
  name: 'kube-bench',
  on: ['controlplane', 'node01'],
  command: (context) => async (call) => {
    const failure = await run(context, call);
    if (typeof failure === 'number') return failure;
    await call.stderr(`${failure.text}\n`);
    return failure.status;
  },
};

async function run(context: ToolContext, call: CommandCall): Promise<number | Failure> {
  if (call.args.length === 1 && (call.args[0] === '--version' || call.args[0] === 'version')) {
    await call.stdout(VERSION);
    return 0;
  }
  const line = parseLine(call.args, OPTIONS);
  if (line.outcome === 'wrong') {
    const known = NOT_MODELLED[line.argument] !== undefined;
    return known
      ? { text: `not simulated: kube-bench ${line.argument}`, status: 1 }
      : { text: `Error: unknown flag: ${line.argument}`, status: 255 };
  }
  const { options, words } = line;
  if (options.has('help')) {
    await call.stdout(HELP);
    return 0;
  }
  const [verb, ...more] = words;
  if (more.length > 0 || (verb !== undefined && verb !== 'run'))
    return { text: `not simulated: kube-bench ${words.join(' ')}; there are "run" and "version"`, status: 1 };
  const problem = wrongVersion(options);
  if (problem !== undefined) return problem;
  if (options.has('check') && options.has('group'))
    return { text: "group option and check option can't be used together", status: 1 };

  let node: NodeState;
  try {
    node = await readNodeState(context, call.signal);
  } catch (error) {
    return { text: `could not read this node: ${error instanceof Error ? error.message : String(error)}`, status: 1 };
  }
  const targets = targetsOf(options, node);
  if ('text' in targets) return targets;
  const results = targets.map((target) => judge(target, node, options));
  const reports = reportsOf(results, node, call, options);
  const file = lastOption(options, 'outputfile');
  // Only what is for programs goes to the file, as in cmd/common.go.
  if (file === undefined || !(options.has('json') || options.has('junit'))) await call.stdout(reports.join(''));
  else {
    // Each is written over the one before.
    const unwritten = await writeDocument(context.host, call.cwd, file, reports.at(-1) ?? '');
    if (unwritten !== undefined) return { text: `Failed to write to output file ${file}: ${unwritten}`, status: 1 };
  }
  return counts(results).FAIL > 0 ? Number(lastOption(options, 'exit-code') ?? 0) || 0 : 0;
}

function wrongVersion(options: Options): Failure | undefined {
  const benchmark = lastOption(options, 'benchmark');
  const version = lastOption(options, 'version')?.replace(/^v?(\d+\.\d+).*/, '$1');
  if (benchmark !== undefined && version !== undefined)
    return {
      text: 'unable to get benchmark version. error: It is an error to specify both --version and --benchmark flags',
      status: 1,
    };
  if (benchmark !== undefined && benchmark !== BENCHMARK)
    return { text: `not simulated: the benchmark ${benchmark}; there is ${BENCHMARK}`, status: 1 };
  if (version !== undefined && !VERSIONS.test(version))
    return { text: `not simulated: the benchmark of Kubernetes ${version}; there is ${BENCHMARK}`, status: 1 };
  return undefined;
}

/** Those that were named, or without names those whose programs run here (cmd/run.go and cmd/root.go). */
function targetsOf(options: Options, { processes }: NodeState): readonly Target[] | Failure {
  const missing = (name: TargetName) => PROGRAMS[name].find(([, program]) => !processes.has(program));
  const given = list(options, 'targets');
  if (given.length === 0)
    return CIS_1_12.filter(({ name }) => name === 'node' || missing(name) === undefined).filter(
      (target, _, kept) => target.name !== 'controlplane' || kept.some(({ name }) => name === 'master'),
    );
  const chosen: Target[] = [];
  for (const name of given) {
    const target = CIS_1_12.find((one) => one.name === name);
    if (target === undefined)
      return {
        text: `The specified --targets "${given.join(',')}" are not configured for the CIS Benchmark ${BENCHMARK}\n Valid targets ${JSON.stringify(
          CIS_1_12.map((one) => one.name),
        )
          .replaceAll(',', ' ')
          .replaceAll('"', '')}`,
        status: 1,
      };
    const absent = missing(target.name);
    if (absent !== undefined)
      return {
        text: `unable to detect running programs for component "${absent[0]}"\nThe following "${target.name} node" programs have been searched, but none of them have been found:\n\t- ${absent[1]}\n\nThese program names are provided in the config.yaml, section '${target.name}.${absent[0]}.bins'`,
        status: 1,
      };
    chosen.push(target);
  }
  return chosen;
}

function judge(target: Target, node: NodeState, options: Options): TargetResult {
  const checks = list(options, 'check');
  const groups = list(options, 'group');
  const skipped = new Set(list(options, 'skip'));
  const wanted = (check: Check): boolean =>
    (checks.length === 0 || checks.includes(check.id)) && on(options, isScored(check) ? 'scored' : 'unscored');
  const one = (check: Check, skip: boolean): CheckResult =>
    skip || skipped.has(check.id)
      ? { check, state: 'INFO', actual: '', expected: '', reason: 'Test marked as skip' }
      : evaluate(check, node);
  return {
    target,
    groups: target.groups
      .filter(({ id }) => groups.length === 0 || groups.includes(id))
      .map((group) => ({
        group,
        results: group.checks.filter(wanted).map((check) => one(check, skipped.has(group.id))),
      }))
      .filter(({ results }) => results.length > 0),
  };
}

/** What is printed: one document, or with `--junit` one a target. */
function reportsOf(
  results: readonly TargetResult[],
  { paths }: NodeState,
  call: CommandCall,
  options: Options,
): readonly string[] {
  if (options.has('junit')) return results.map((one) => junitReport(one, paths));
  const version = RELEASE.kubernetes.replace(/^v(\d+\.\d+).*/, '$1');
  const shown = (name: string): boolean => !options.has(name) || lastOption(options, name) === 'false';
  const totals = shown('nototals');
  if (options.has('json')) return [jsonReport(results, { paths, totals, benchmark: BENCHMARK, version })];
  return [
    textReport(results, {
      colours: call.columns !== undefined,
      results: shown('noresults'),
      remediations: shown('noremediations'),
      summary: shown('nosummary'),
      outputs: options.has('include-test-output') && on(options, 'include-test-output'),
      totals,
      paths,
    }),
  ];
}

const list = (options: Options, name: string): readonly string[] =>
  (options.get(name) ?? [])
    .flatMap((value) => value.split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** A switch that is on unless it is given as `=false`. */
const on = (options: Options, name: string): boolean => lastOption(options, name) !== 'false';

const HELP = `This tool runs the CIS Kubernetes Benchmark (https://www.cisecurity.org/benchmark/kubernetes/)

Usage:
  kube-bench [flags]
  kube-bench [command]

Available Commands:
  run         Run tests
  version     Shows the version of kube-bench.

Flags:
      --benchmark string    Manually specify CIS benchmark version.
  -c, --check string        A comma-delimited list of checks to run as specified in CIS document. Example --check="1.1.1,1.1.2"
      --exit-code int       Specify the exit code for when checks fail
  -g, --group string        Run all the checks under this comma-delimited list of groups. Example --group="1.1"
  -h, --help                help for kube-bench
      --include-test-output Prints the actual result when test fails
      --json                Prints the results as JSON
      --junit               Prints the results as JUnit
      --noremediations      Disable printing of remediations section
      --noresults           Disable printing of results section
      --nosummary           Disable printing of summary section
      --nototals            Disable printing of totals for failed, passed, ... checks across all sections
      --outputfile string   Writes the results to output file when run with --json or --junit
      --scored              Run the scored CIS checks (default true)
      --skip string         List of comma separated values of checks to be skipped
  -s, --targets strings     Specify targets of the benchmark to run, for the command run
      --unscored            Run the unscored CIS checks (default true)
      --version string      Manually specify Kubernetes version, automatically detected if unset
`;
