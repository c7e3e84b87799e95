import { posix } from 'node:path';
import { readDocument } from '../host-documents.ts';
import { filesUnder, MAX_FILES } from '../manifests/manifests.ts';
import { boxTable } from './box-table.ts';
import { CONFIG_FILE, configTargetOf } from './config-command.ts';
import { configResult, configSection } from './misconfig/config-report.ts';
import type { ConfigTarget } from './misconfig/misconfiguration.ts';
import { findSecrets } from './secrets/find-secrets.ts';
import { isAllowedPath } from './secrets/rules.ts';
import { secretResult, secretSection, type SecretTarget } from './secrets/secret-report.ts';
import { LEGEND, reportTitle } from './table-report.ts';
import { deliver, exitStatus, Fatal, log, reportColumns, setting, type TrivyCall, trivyOptions } from './trivy-call.ts';
import { ignoredIds, severitiesOf, VULNERABILITY_OPTIONS } from './vulnerability-report.ts';

export const FS_OPTIONS = trivyOptions(...VULNERABILITY_OPTIONS, '--misconfig-scanners=', '--skip-check-update');

/** Files by which trivy knows what a program is built of (docs/docs/coverage/language). */
const LOCK_FILE =
  /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.mod|requirements\.txt|Pipfile\.lock|poetry\.lock|Gemfile\.lock|Cargo\.lock|composer\.lock|pom\.xml)$/;

const COLUMNS = { vuln: 'Vulnerabilities', misconfig: 'Misconfigurations', secret: 'Secrets' };
type Scanner = keyof typeof COLUMNS;
const isScanner = (name: string): name is Scanner => Object.hasOwn(COLUMNS, name);

/** `trivy fs`, `rootfs` and `repo`: secrets and misconfigurations in the files of a folder. What its programs are built of is not known here. */
export async function scanFiles(trivy: TrivyCall, verb: 'fs' | 'rootfs' | 'repo'): Promise<number> {
  const { host, call, words, clock } = trivy;
  const [name, ...others] = words;
  if (name === undefined || others.length > 0) throw new Fatal(`accepts 1 arg(s), received ${words.length}`);
  if (/^(?:https?|git|ssh):\/\/|^git@/.test(name))
    throw new Fatal(`not simulated: trivy ${verb} of repositories elsewhere; there are folders`);
  const format = setting(trivy, 'format') ?? 'table';
  if (format !== 'table' && format !== 'json')
    throw new Fatal(`not simulated: trivy ${verb} --format ${format}; there are table, json`);
  const scanners = scannersOf(trivy);
  const severities = severitiesOf(trivy);
  const ignored = await ignoredIds(trivy);
  for (const scanner of scanners) await announce(trivy, scanner);
  const files = await filesUnder(host, call.cwd, name, /./);
  if (files === undefined)
    throw new Fatal(
      `run error: ${verb} scan error: scan error: scan failed: failed analysis: walk dir error: lstat ${name}: no such file or directory`,
    );
  if (files.length >= MAX_FILES)
    await call.stderr(`not simulated: more than ${MAX_FILES} files; the others are not looked at\n`);
  if (scanners.includes('vuln') && verb === 'rootfs') await call.stderr('not simulated: the packages of a machine\n');
  const root = posix.resolve(call.cwd, name);
  const [configs, secrets]: [ConfigTarget[], SecretTarget[]] = [[], []];
  for (const file of files) {
    const shown = file === root ? posix.basename(file) : posix.relative(root, file);
    if (scanners.includes('vuln') && LOCK_FILE.test(file))
      await call.stderr(`not simulated: what is known against the packages of ${shown}\n`);
    const read = await readDocument(host, call.cwd, file);
    if (read.outcome !== 'read' || read.text.includes('\0')) continue;
    if (scanners.includes('secret') && !isAllowedPath(shown)) {
      const found = findSecrets(read.text, severities).filter(({ rule }) => !ignored.has(rule.id));
      if (found.length > 0) secrets.push({ name: shown, secrets: found });
    }
    const isConfig = scanners.includes('misconfig') && CONFIG_FILE.test(file);
    const config = isConfig ? configTargetOf(shown, file, read.text, severities, ignored) : undefined;
    if (config !== undefined) configs.push(config);
  }
  if (scanners.includes('vuln')) await log(trivy, 'INFO', 'Number of language-specific files\tnum=0');
  if (scanners.includes('misconfig')) await log(trivy, 'INFO', `Detected config files\tnum=${configs.length}`);
  const columns = reportColumns(trivy);
  const report =
    format === 'json'
      ? `${JSON.stringify(
          {
            SchemaVersion: 2,
            CreatedAt: new Date(clock.now()).toISOString(),
            ArtifactName: name,
            ArtifactType: verb === 'repo' ? 'repository' : 'filesystem',
            Results: [...configs.map(configResult), ...secrets.map(secretResult)],
          },
          undefined,
          2,
        )}\n`
      : summary(scanners, configs, secrets, columns) +
        configs
          .filter(({ failures }) => failures.length > 0)
          .map((one) => configSection(one, severities, columns))
          .join('') +
        secrets.map((one) => secretSection(one, severities, columns)).join('');
  await deliver(trivy, report);
  const found = [...configs.map(({ failures }) => failures.length), ...secrets.map((one) => one.secrets.length)];
  return exitStatus(
    trivy,
    found.reduce((sum, count) => sum + count, 0),
  );
}

function scannersOf(trivy: TrivyCall): readonly Scanner[] {
  const given = (setting(trivy, 'scanners') ?? setting(trivy, 'security-checks') ?? 'vuln,secret').split(',');
  const other = given.find((one) => !isScanner(one));
  if (other === 'license')
    throw new Fatal('not simulated: trivy --scanners license; there are vuln, misconfig, secret');
  if (other !== undefined)
    throw new Fatal(
      `invalid argument "${other}" for "--scanners" flag: must be one of ["vuln" "misconfig" "secret" "license"]`,
    );
  return (Object.keys(COLUMNS) as Scanner[]).filter((one) => given.includes(one));
}

async function announce(trivy: TrivyCall, scanner: Scanner): Promise<void> {
  const what = { vuln: 'Vulnerability', misconfig: 'Misconfiguration', secret: 'Secret' }[scanner];
  await log(trivy, 'INFO', `[${scanner}] ${what} scanning is enabled`);
  if (scanner === 'secret')
    await log(
      trivy,
      'INFO',
      "[secret] If your scanning is slow, please try '--scanners vuln' to disable secret scanning",
    );
}

function summary(
  scanners: readonly Scanner[],
  configs: readonly ConfigTarget[],
  secrets: readonly SecretTarget[],
  columns: number | undefined,
): string {
  const cells = (counts: Partial<Record<Scanner, number>>) => scanners.map((scanner) => `${counts[scanner] ?? '-'}`);
  const rows = [
    ...configs.map(({ name, type, failures }) => [name, type, ...cells({ misconfig: failures.length })]),
    ...secrets.map((one) => [one.name, 'text', ...cells({ secret: one.secrets.length })]),
  ];
  const table = boxTable({
    headers: ['Target', 'Type', ...scanners.map((scanner) => COLUMNS[scanner])],
    rows: rows.length === 0 ? [['-', '-', ...cells({})]] : rows,
    alignments: [rows.length === 0 ? 'center' : 'left', 'center', ...scanners.map(() => 'center' as const)],
    merge: false,
    maxWidth: 80,
  });
  return `\n${reportTitle(columns)}\n\n${table}${LEGEND}`;
}
