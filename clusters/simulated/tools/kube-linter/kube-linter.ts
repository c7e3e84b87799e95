import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import { lastOption, type Options, optionTable, parseLine } from '../../daemons/command-line.ts';
import { type ManifestObject, objectAt, readManifests } from '../manifests/manifests.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { type Check, CHECKS } from './checks.ts';
import { KUBE_LINTER_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERSION = '0.7.6';

const OPTIONS = optionTable(
  '--format=',
  '--include=',
  '--exclude=',
  '--add-all-built-in',
  '--do-not-auto-add-defaults',
  '--ignore-paths=',
  '--fail-if-no-objects-found',
  '--fail-on-invalid-resource',
  '-v --verbose',
  '--with-color',
);

interface Finding {
  readonly object: ManifestObject;
  readonly check: Check;
  readonly message: string;
}

/** `kube-linter lint` and `checks list`, with a stated part of its checks (github.com/stackrox/kube-linter). */
export const kubeLinter =
  ({ host }: Pick<ToolContext, 'host'>): Command =>
  async (call) => {
    const [verb = '', ...args] = call.args;
    if (verb === 'version' || verb === '--version') {
      await call.stdout(`${VERSION} (Breachlab's model, with ${CHECKS.length} of the checks)\n`);
      return 0;
    }
    if (verb === 'checks' && args[0] === 'list') {
      await call.stdout(CHECKS.map(describeCheck).join('\n------------------------------\n\n'));
      return 0;
    }
    if (verb !== 'lint')
      return complain(
        call,
        `not simulated: kube-linter ${call.args.slice(0, 2).join(' ')}; there are lint, checks list, version`,
      );
    const line = parseLine(args, OPTIONS);
    if (line.outcome === 'wrong')
      return complain(call, `not simulated: kube-linter lint ${line.argument} (${line.complaint})`);
    const { options, words } = line;
    const format = lastOption(options, 'format') ?? 'plain';
    if (format !== 'plain' && format !== 'json')
      return complain(call, `not simulated: kube-linter lint --format ${format}; there are json, plain`);
    const checks = checksFor(options);
    if (typeof checks === 'string') return complain(call, `Error: ${checks}`);
    if (words.length === 0) return complain(call, 'Error: requires at least 1 arg(s), only received 0');
    const objects: ManifestObject[] = [];
    for (const word of words) {
      const manifests = await readManifests(host, call.cwd, word);
      if (manifests === undefined)
        return complain(call, `Error: loading from path "${word}": stat ${word}: no such file or directory`);
      for (const one of manifests) {
        if (one.outcome === 'parsed') objects.push(...one.objects.filter(({ kind }) => kind !== ''));
        else await call.stderr(`Warning: failed to load object from ${one.path}: ${one.reason}\n`);
      }
    }
    if (objects.length === 0) {
      await call.stderr('Warning: no valid objects found.\n');
      return options.has('fail-if-no-objects-found') ? 1 : 0;
    }
    const findings = lint(objects, checks);
    if (format === 'json') await call.stdout(json(findings, checks));
    else
      await call.stdout(
        `KubeLinter ${VERSION}\n\n${findings.map(plain).join('')}${findings.length === 0 ? 'No lint errors found!\n' : ''}`,
      );
    return findings.length === 0 ? 0 : complain(call, `Error: found ${findings.length} lint errors`);
  };

async function complain(call: CommandCall, text: string): Promise<number> {
  await call.stderr(`${text}\n`);
  return 1;
}

/** Defaults, then what is included and excluded; a complaint for a name that no check has. */
function checksFor(options: Options): readonly Check[] | string {
  const names = (option: string): readonly string[] => (options.get(option) ?? []).flatMap((one) => one.split(','));
  const [included, excluded] = [names('include'), names('exclude')];
  const unknown = [...included, ...excluded].find((name) => !CHECKS.some((check) => check.name === name));
  if (unknown !== undefined)
    return `enabled checks validation error: check "${unknown}" not found; the lab's model has ${CHECKS.map(({ name }) => name).join(', ')}`;
  const everything = options.has('add-all-built-in');
  const defaults = !options.has('do-not-auto-add-defaults');
  return CHECKS.filter(
    ({ name, byDefault }) =>
      !excluded.includes(name) && (everything || included.includes(name) || (defaults && byDefault)),
  );
}

/** An object's own annotation takes a check off it (docs: "Ignoring violations for specific cases"). */
const ignores = ({ value }: ManifestObject, check: Check): boolean => {
  const annotations = objectAt(objectAt(value, 'metadata'), 'annotations');
  return 'kube-linter.io/ignore-all' in annotations || `ignore-check.kube-linter.io/${check.name}` in annotations;
};

const lint = (objects: readonly ManifestObject[], checks: readonly Check[]): readonly Finding[] =>
  objects.flatMap((object) =>
    checks
      .filter((check) => !ignores(object, check))
      .flatMap((check) => check.findings(object, objects).map((message) => ({ object, check, message }))),
  );

function plain({ object, check, message }: Finding): string {
  const { path, namespace, name, apiVersion, kind } = object;
  const where = `${namespace === '' ? '<no namespace>' : namespace}/${name} ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
  return `${path}: (object: ${where}) ${message} (check: ${check.name}, remediation: ${check.remediation})\n\n`;
}

function json(findings: readonly Finding[], checks: readonly Check[]): string {
  const document = {
    Checks: checks.map(({ name, description, remediation }) => ({ name, description, remediation })),
    Reports: findings.map(({ object, check, message }) => {
      const [version = '', group = ''] = object.apiVersion.split('/').toReversed();
      return {
        Diagnostic: { Message: message },
        Check: check.name,
        Remediation: check.remediation,
        Object: {
          Metadata: { FilePath: object.path },
          K8sObject: {
            Namespace: object.namespace,
            Name: object.name,
            GroupVersionKind: { Group: group, Version: version, Kind: object.kind },
          },
        },
      };
    }),
    Summary: { ChecksStatus: findings.length === 0 ? 'Passed' : 'Failed', KubeLinterVersion: VERSION },
  };
  return `${JSON.stringify(document)}\n`;
}

const describeCheck = ({ name, description, remediation, byDefault }: Check): string =>
  `Name: ${name}\nDescription: ${description}\nRemediation: ${remediation}\nEnabled by default: ${byDefault}\n`;

export const KUBE_LINTER: Tool = {
  name: 'kube-linter',
  on: ['workstation', 'controlplane'],
  command: (context) => withHelp('kube-linter', KUBE_LINTER_HELP, kubeLinter(context)),
};
