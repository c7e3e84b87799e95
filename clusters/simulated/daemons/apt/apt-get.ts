import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { type AptCall, fail, READING, sizeText } from './apt-context.ts';
import { readOffers } from './apt-lists.ts';
import {
  type Change,
  isDowngrade,
  type Known,
  type Plan,
  planInstall,
  planRemoval,
  type Planned,
  planUpgrade,
} from './apt-plan.ts';
import { DpkgStatus } from './dpkg-status.ts';
import { listOf, listText } from './installed-files.ts';
import type { AptPackage } from './repositories.ts';

const knownOf = async ({ host }: AptCall): Promise<Known> => ({
  offers: await readOffers(host),
  status: await DpkgStatus.read(host),
});

/** `apt-get install`. */
export async function install(call: AptCall): Promise<number> {
  const known = await knownOf(call);
  return carryOut(call, known, planInstall(call.words, known, call.options.has('only-upgrade')));
}

/** `apt-get remove`, and with `--purge` what is left after it, too. */
export async function remove(call: AptCall, purge = call.options.has('purge')): Promise<number> {
  const known = await knownOf(call);
  return carryOut(call, known, planRemoval(call.words, known, purge), purge);
}

/** `apt-get upgrade`: packages that are held are kept back. */
export async function upgrade(call: AptCall): Promise<number> {
  const known = await knownOf(call);
  const { kept, ...plan } = planUpgrade(known);
  return carryOut(call, known, { ok: plan }, false, kept);
}

/** `apt-get autoremove` finds nothing: what the lab's packages need they need for good. */
export async function autoremove(call: AptCall): Promise<number> {
  return carryOut(call, await knownOf(call), { ok: { changes: [], removals: [], notes: [] } });
}

async function carryOut(
  call: AptCall,
  known: Known,
  planned: Planned,
  purge = false,
  kept: readonly string[] = [],
): Promise<number> {
  await call.call.stdout(READING);
  if ('failed' in planned) return fail(call.call, ...planned.failed);
  const plan = planned.ok;
  const strange = plan.changes.find(
    ({ row, from }) => from === undefined && row.units?.every((unit) => call.units.knows(unit)) === false,
  );
  if (strange !== undefined)
    return fail(call.call, `not simulated: ${strange.row.name} on a host that did not have it when the lab began`);
  await call.call.stdout(summary(plan, known.status, purge, kept));
  const { options } = call;
  if (plan.changes.length + plan.removals.length === 0 || options.has('simulate')) return simulated(call, plan);
  const isYes = options.has('yes');
  const held = [...plan.changes, ...plan.removals].filter(({ row }) => known.status.isHeld(row.name));
  const refusals = [
    ...(held.length > 0 && !options.has('allow-change-held-packages')
      ? ['Held packages were changed and -y was used without --allow-change-held-packages.']
      : []),
    ...(plan.changes.some(isDowngrade) && !options.has('allow-downgrades')
      ? ['Packages were downgraded and -y was used without --allow-downgrades.']
      : []),
  ];
  if (isYes && refusals.length > 0) return fail(call.call, ...refusals);
  const asks = plan.removals.length > 0 || refusals.length > 0 || plan.changes.length > call.words.length;
  if (!isYes && asks && !(await agrees(call))) {
    await call.call.stdout('Abort.\n');
    return 1;
  }
  await change(call, known.status, plan, purge);
  return 0;
}

function summary(plan: Plan, status: DpkgStatus, purge: boolean, kept: readonly string[]): string {
  const section = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${title}\n  ${names.join(' ')}\n`;
  const names = (changes: readonly Change[]): readonly string[] => changes.map(({ row }) => row.name);
  const down = plan.changes.filter(isDowngrade);
  const fresh = plan.changes.filter(({ from }) => from === undefined);
  const up = plan.changes.filter((one) => one.from !== undefined && !down.includes(one));
  const held = [...plan.changes, ...plan.removals].map(({ row }) => row.name).filter((name) => status.isHeld(name));
  const counts = [
    `${up.length} upgraded, ${fresh.length} newly installed, `,
    down.length === 0 ? '' : `${down.length} downgraded, `,
    `${plan.removals.length} to remove and ${kept.length} not upgraded.\n`,
  ];
  const bytes = plan.changes.reduce((sum, { row }) => sum + row.bytes, 0);
  return [
    ...plan.notes.filter((note) => note !== '').map((note) => `${note}\n`),
    section(
      'The following packages will be REMOVED:',
      plan.removals.map(({ row }) => `${row.name}${purge ? '*' : ''}`),
    ),
    section('The following held packages will be changed:', held),
    section('The following packages have been kept back:', kept),
    section('The following NEW packages will be installed:', names(fresh)),
    section('The following packages will be upgraded:', names(up)),
    section('The following packages will be DOWNGRADED:', names(down)),
    ...counts,
    bytes === 0 ? '' : `Need to get ${sizeText(bytes)} of archives.\n`,
  ].join('');
}

async function simulated({ call, options }: AptCall, { changes, removals }: Plan): Promise<number> {
  if (!options.has('simulate')) return 0;
  const lines = [
    ...removals.map(({ row, version = '' }) => `Remv ${row.name} [${version}]`),
    ...changes.flatMap(({ row, from, to, offer }) => {
      const about = `${row.name}${from === undefined ? '' : ` [${from}]`} (${to} ${offer.source.url} [amd64])`;
      return [`Inst ${about}`, `Conf ${row.name} (${to} ${offer.source.url} [amd64])`];
    }),
  ];
  await call.stdout(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

/** Nobody at the other end means no, as at the end of a script's input. */
async function agrees({ call }: AptCall): Promise<boolean> {
  await call.stdout('Do you want to continue? [Y/n] ');
  const answer = await firstLine(call.stdin);
  return answer !== undefined && /^(?:y|yes|)$/i.test(answer.trim());
}

async function firstLine(input: AptCall['call']['stdin']): Promise<string | undefined> {
  let line = '';
  for await (const piece of input) {
    line += String(piece);
    if (line.includes('\n') || line.length > MAX_ANSWER) return line.split('\n')[0];
  }
  return line === '' ? undefined : line;
}
const MAX_ANSWER = 100;

/** Brings the program of a package, or takes it away, with what dpkg knows of it. */
async function place(host: SimulatedHost, row: AptPackage, state: 'installed' | 'removed' | 'purged'): Promise<void> {
  if (row.program !== undefined) await host.placeProgram(row.program, state === 'installed');
  if (state === 'purged') return host.removeFile(listOf(row));
  const text = listText(state === 'installed' ? row : {});
  await host.writeFile(listOf(row), Buffer.from(text), { mode: 0o644 });
}

async function change({ host, units, call }: AptCall, status: DpkgStatus, plan: Plan, purge: boolean): Promise<void> {
  for (const [i, { row, to, offer }] of plan.changes.entries())
    await call.stdout(
      `Get:${i + 1} ${offer.source.url} ${offer.source.suite} ${row.name} ${to} [${sizeText(row.bytes)}]\n`,
    );
  for (const { row, version } of plan.removals) {
    if (version !== undefined) await call.stdout(`Removing ${row.name} (${version}) ...\n`);
    for (const unit of row.units ?? []) await units.setInstalled(unit, false);
    if (purge) await call.stdout(`Purging configuration files for ${row.name} (${version ?? 'config-files'}) ...\n`);
    for (const file of purge ? (row.configuration ?? []) : []) await host.removeFile(file);
    await place(host, row, purge ? 'purged' : 'removed');
    status.remove(row.name, purge);
  }
  for (const { row, from, to } of plan.changes) {
    const over = from === undefined ? '' : ` over (${from})`;
    await call.stdout(
      `Preparing to unpack .../${row.name}_${to.replace(':', '%3a')}_amd64.deb ...\nUnpacking ${row.name} (${to})${over} ...\n`,
    );
    status.install(row, to);
    await place(host, row, 'installed');
  }
  for (const { row, to } of plan.changes) await call.stdout(`Setting up ${row.name} (${to}) ...\n`);
  await status.write();
  // What is upgraded goes on running as it was; what is new is enabled and started, as Debian does.
  for (const { row, from } of plan.changes)
    for (const unit of from === undefined ? (row.units ?? []) : []) await units.setInstalled(unit, true);
  if (plan.changes.some(({ row }) => row.name === 'kubectl'))
    await call.stderr('not simulated: another kubectl; the lab’s own client stays as it is\n');
}
