import { posix } from 'node:path';
import type { Severity } from '../../images/advisories/advisory.ts';
import { readDocument } from '../host-documents.ts';
import { filesUnder, parseManifest } from '../manifests/manifests.ts';
import { configJson, configTable } from './misconfig/config-report.ts';
import { DOCKERFILE_CHECKS, dockerfileMisconfigurations } from './misconfig/dockerfile-checks.ts';
import { KUBERNETES_CHECKS, kubernetesMisconfigurations } from './misconfig/kubernetes-checks.ts';
import { type ConfigTarget, type Misconfiguration, shortId } from './misconfig/misconfiguration.ts';
import { deliver, exitStatus, Fatal, log, reportColumns, setting, type TrivyCall, trivyOptions } from './trivy-call.ts';
import { ignoredIds, severitiesOf } from './vulnerability-report.ts';

export const CONFIG_OPTIONS = trivyOptions('--misconfig-scanners=', '--skip-check-update', '--skip-policy-update');

const DOCKERFILE = /(^|\/)(Dockerfile(\.[^/]*)?|[^/]*\.Dockerfile)$/i;
/** What a folder is searched for. */
export const CONFIG_FILE = /((^|\/)(Dockerfile(\.[^/]*)?|[^/]*\.Dockerfile)|\.(ya?ml|json))$/i;

/** `trivy config`: what is wrong with the Dockerfiles and manifests of a file or folder, by a stated part of trivy's checks. */
export async function scanConfig(trivy: TrivyCall): Promise<number> {
  const { host, call, words, clock } = trivy;
  const [name, ...others] = words;
  if (name === undefined || others.length > 0) throw new Fatal(`accepts 1 arg(s), received ${words.length}`);
  const format = setting(trivy, 'format') ?? 'table';
  if (format !== 'table' && format !== 'json')
    throw new Fatal(`not simulated: trivy config --format ${format}; there are table, json`);
  const severities = severitiesOf(trivy);
  const ignored = await ignoredIds(trivy);
  await log(trivy, 'INFO', '[misconfig] Misconfiguration scanning is enabled');
  const files = await filesUnder(host, call.cwd, name, CONFIG_FILE);
  if (files === undefined)
    throw new Fatal(
      `run error: config scan error: scan error: scan failed: failed analysis: walk dir error: lstat ${name}: no such file or directory`,
    );
  const root = posix.resolve(call.cwd, name);
  const targets: ConfigTarget[] = [];
  for (const file of files) {
    const read = await readDocument(host, call.cwd, file);
    const shown = file === root ? posix.basename(file) : posix.relative(root, file);
    const target = read.outcome === 'read' ? configTargetOf(shown, file, read.text, severities, ignored) : undefined;
    if (target !== undefined) targets.push(target);
  }
  await log(trivy, 'INFO', `Detected config files\tnum=${targets.length}`);
  await deliver(
    trivy,
    format === 'json'
      ? configJson(name, targets, new Date(clock.now()))
      : configTable(targets, severities, reportColumns(trivy)),
  );
  return exitStatus(
    trivy,
    targets.reduce((sum, { failures }) => sum + failures.length, 0),
  );
}

/** What is wrong with a file and not ignored; undefined for one that is neither a Dockerfile nor a manifest of Kubernetes. */
export function configTargetOf(
  name: string,
  path: string,
  text: string,
  severities: readonly Severity[],
  ignored: ReadonlySet<string>,
): ConfigTarget | undefined {
  const target = targetOf(name, path, text);
  return target && { ...target, failures: kept(target.failures, severities, ignored) };
}

const kept = (failures: readonly Misconfiguration[], severities: readonly Severity[], ignored: ReadonlySet<string>) =>
  failures.filter(
    ({ check }) => severities.includes(check.severity) && !ignored.has(check.id) && !ignored.has(shortId(check.id)),
  );

function targetOf(name: string, path: string, text: string): ConfigTarget | undefined {
  if (DOCKERFILE.test(path)) {
    const failures = dockerfileMisconfigurations(text);
    return { name, type: 'dockerfile', text, failures, successes: passed(DOCKERFILE_CHECKS.length, failures) };
  }
  const parsed = parseManifest(path, text);
  if (parsed.outcome === 'broken') return undefined;
  const objects = parsed.objects.filter(({ kind, apiVersion }) => kind !== '' && apiVersion !== '');
  if (objects.length === 0) return undefined;
  const failures = objects
    .flatMap(kubernetesMisconfigurations)
    .toSorted((a, b) => (a.check.id < b.check.id ? -1 : a.check.id > b.check.id ? 1 : 0));
  return { name, type: 'kubernetes', text, failures, successes: passed(KUBERNETES_CHECKS.length, failures) };
}

const passed = (checks: number, failures: readonly Misconfiguration[]): number =>
  checks - new Set(failures.map(({ check }) => check.id)).size;
