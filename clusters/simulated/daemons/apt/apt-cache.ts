import { type AptCall, fail } from './apt-context.ts';
import { type Offer, readOffers, rowOf } from './apt-lists.ts';
import { DpkgStatus } from './dpkg-status.ts';

const originOf = ({ source: { url, suite } }: Offer): string =>
  `${url} ${suite === '/' ? '' : `${suite}/main amd64 `}Packages`.replace('  ', ' ');

/** `apt-cache madison`: the versions that the lists offer. */
export async function madison({ host, call, words }: AptCall): Promise<number> {
  const offers = await readOffers(host);
  for (const name of words) {
    const rows = (offers.get(name) ?? []).map((offer): readonly string[] => [name, offer.version, originOf(offer)]);
    if (rows.length === 0) await call.stderr(`N: Unable to locate package ${name}\n`);
    const width = Math.max(...rows.map(([, version = '']) => version.length));
    for (const [, version = '', origin = ''] of rows)
      await call.stdout(`${name.padStart(10)} | ${version.padStart(Math.max(10, width))} | ${origin}\n`);
  }
  return 0;
}

/** `apt-cache policy`: what is installed, what would be, and where each version comes from. */
export async function policy({ host, call, words }: AptCall): Promise<number> {
  const [offers, status] = [await readOffers(host), await DpkgStatus.read(host)];
  for (const name of words) {
    const installed = status.version(name);
    const its = offers.get(name) ?? [];
    if (its.length === 0 && installed === undefined) continue;
    const versions = [
      ...new Set([...its.map(({ version }) => version), ...(installed === undefined ? [] : [installed])]),
    ];
    const lines = versions.flatMap((version) => [
      `${version === installed ? ' ***' : '    '} ${version} ${version === installed && its.length === 0 ? 100 : 500}`,
      ...its.filter((offer) => offer.version === version).map((offer) => `        500 ${originOf(offer)}`),
      ...(version === installed ? ['        100 /var/lib/dpkg/status'] : []),
    ]);
    await call.stdout(
      `${name}:\n  Installed: ${installed ?? '(none)'}\n  Candidate: ${its[0]?.version ?? installed ?? '(none)'}\n  Version table:\n${lines.map((line) => `${line}\n`).join('')}`,
    );
  }
  return 0;
}

/** `apt-cache show`: the newest version alone, and fewer fields than a real list has. */
export async function show({ host, call, words }: AptCall): Promise<number> {
  const offers = await readOffers(host);
  for (const name of words) {
    const row = rowOf(name);
    const [offer] = offers.get(name) ?? [];
    if (row === undefined || offer === undefined) return fail(call, 'No packages found');
    const depends = row.depends === undefined ? '' : `Depends: ${row.depends}\n`;
    await call.stdout(
      `Package: ${name}\nVersion: ${offer.version}\nPriority: optional\nSection: ${row.section}\nArchitecture: amd64\n${depends}Size: ${row.bytes}\nDescription: ${row.description}\n\n`,
    );
  }
  return 0;
}

/** `apt list`, of what is installed or can be upgraded. */
export async function list({ host, call, options, words }: AptCall): Promise<number> {
  const [offers, status] = [await readOffers(host), await DpkgStatus.read(host)];
  const names = [...new Set([...status.names, ...offers.keys()])].toSorted();
  const rows = names.flatMap((name): string[] => {
    const installed = status.version(name);
    const newest = offers.get(name)?.[0]?.version;
    const isOld = installed !== undefined && newest !== undefined && newest !== installed;
    if (words.length > 0 && !words.includes(name)) return [];
    if ((options.has('installed') && installed === undefined) || (options.has('upgradable') && !isOld)) return [];
    const state = isOld ? ` [upgradable from: ${installed}]` : installed === undefined ? '' : ' [installed]';
    return [`${name}/${offers.has(name) ? 'unknown' : 'now'} ${newest ?? installed ?? ''} amd64${state}`];
  });
  await call.stdout(`Listing...\n${rows.map((row) => `${row}\n`).join('')}`);
  return 0;
}
