import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';
import { compareVersions } from './debian-version.ts';
import { readStanzas, stanzasText } from './dpkg-status.ts';
import { type AptPackage, REPOSITORIES, type Repository } from './repositories.ts';

const LISTS = '/var/lib/apt/lists';
const MAX_SOURCES = 20;

/** A repository that a host's sources name. */
export interface Source {
  readonly url: string;
  readonly suite: string;
  /** Undefined for one that the lab does not have. */
  readonly repository: Repository | undefined;
}

/** What a host's lists offer: versions with the repository that has them, newest first. */
export interface Offer {
  readonly version: string;
  readonly source: Source;
}

/** Reads sources.list(5) and its folder. */
export async function readSources(host: SimulatedHost): Promise<readonly Source[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = ((await host.listFolder(folder)) ?? []).filter((name) => /\.(?:list|sources)$/.test(name));
  const files = ['/etc/apt/sources.list', ...names.map((name) => `${folder}/${name}`)];
  const texts = await Promise.all(files.map((file) => readHostText(host, file).catch(() => undefined)));
  for (const [i, file] of files.entries()) {
    const malformed = file.endsWith('.list') ? malformedLine(texts[i] ?? '', file) : undefined;
    if (malformed !== undefined) throw new UnreadableSources(malformed);
  }
  return texts.flatMap((text) => sourcesIn(text ?? '')).slice(0, MAX_SOURCES);
}

/** A list of sources that apt does not take; the message is its own. */
export class UnreadableSources extends Error {}

/** What apt 2.6 says of the first line of a sources.list(5) that it cannot read (apt-pkg/sourcelist.cc). */
function malformedLine(text: string, file: string): string | undefined {
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const entry = (why: string): string => `Malformed entry ${i + 1} in list file ${file} (${why})`;
    const [, type = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (rest === '') return `Malformed line ${i + 1} in source list ${file} (type)`;
    if (!/^deb(?:-src)?$/.test(type)) return `Type '${type}' is not known on line ${i + 1} in source list ${file}`;
    if (/^\[[^\]]*$/.test(rest)) return entry('[option] not assignment');
    const [uri = '', suite, ...components] = rest.replace(/^\[[^\]]*\]\s*/, '').split(/\s+/);
    if (suite === undefined) return entry('Suite');
    if (!/^[\w+-]+:/.test(uri)) return entry('URI parse');
    if (suite.endsWith('/') && components.length > 0) return entry('absolute Suite Component');
    if (!suite.endsWith('/') && components.length === 0) return entry('Component');
  }
  return undefined;
}

/** Lines of one-line style; of deb822 style stanzas with `URIs:` and `Suites:`. */
function sourcesIn(text: string): readonly Source[] {
  const lines = [...text.matchAll(/^[\t ]*deb[\t ]+(?:\[[^\]\n]*\][\t ]+)?(\S+)[\t ]+(\S+)/gm)];
  const stanzas = readStanzas(text).flatMap((fields) => {
    const url = fields.get('URIs');
    return url === undefined ? [] : [['', url, fields.get('Suites') ?? '/']];
  });
  return [...lines, ...stanzas].map(([, given = '', suite = '/']): Source => {
    const url = given.replace(/\/+$/, '');
    return { url, suite, repository: REPOSITORIES.find((one) => one.url === url) };
  });
}

/** Where apt keeps the list of a source (its URItoFileName). */
const listOf = ({ url, suite }: Source): string =>
  `${LISTS}/${`${url.replace(/^\w+:\/\//, '')}/${suite === '/' ? '' : `dists/${suite}/main/binary-amd64/`}Packages`.replaceAll(/\/+/g, '_')}`;

/** The list of a source as its repository publishes it. */
const textOf = ({ repository }: Source): string =>
  stanzasText(
    (repository?.packages ?? []).flatMap(({ name, versions, bytes, description }) =>
      versions.map(
        (version) =>
          new Map([
            ['Package', name],
            ['Version', version],
            ['Architecture', 'amd64'],
            ['Size', String(bytes)],
            ['Description', description],
          ]),
      ),
    ),
  );

/** Fetches the list of a source. True when it was not there as it is now. */
export async function fetchList(host: SimulatedHost, source: Source): Promise<boolean> {
  const text = textOf(source);
  const before = await readHostText(host, listOf(source)).catch(() => undefined);
  if (before === text) return false;
  await host.writeFile(listOf(source), Buffer.from(text), { mode: 0o644 });
  return true;
}

/** What the lists hold that were fetched last, of sources that are still named, by package. */
export async function readOffers(host: SimulatedHost): Promise<ReadonlyMap<string, readonly Offer[]>> {
  const offers = new Map<string, Offer[]>();
  for (const source of await readSources(host)) {
    const text = await readHostText(host, listOf(source)).catch(() => undefined);
    for (const stanza of readStanzas(text ?? '')) {
      const [name, version] = [stanza.get('Package') ?? '', stanza.get('Version') ?? ''];
      offers.set(name, [...(offers.get(name) ?? []), { version, source }]);
    }
  }
  for (const list of offers.values()) list.sort((a, b) => compareVersions(b.version, a.version));
  return offers;
}

/** The lab's row of a package; of any release, as only versions differ. */
export const rowOf = (name: string): AptPackage | undefined =>
  REPOSITORIES.flatMap(({ packages }) => packages).find((one) => one.name === name);

/** The lists of those files of sources as `apt-get update` fetches them, by path. */
export const listsOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.values(files)
      .flatMap(sourcesIn)
      .map((source) => [listOf(source), textOf(source)]),
  );
