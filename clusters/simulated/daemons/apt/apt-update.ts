import { APT_ERROR, type AptCall } from './apt-context.ts';
import { fetchList, readSources, type Source } from './apt-lists.ts';

const nameOf = ({ url, suite }: Source): string => `${url}${suite === '/' ? '' : ` ${suite}`}`;

/** `apt-get update`: fetches the lists of the sources (apt-get(8)). A repository that the lab does not have cannot be reached. */
export async function update({ host, call }: AptCall): Promise<number> {
  const lines: string[] = [];
  const errors: string[] = [];
  for (const [i, source] of (await readSources(host)).entries()) {
    const { host: machine, protocol } = URL.canParse(source.url)
      ? new URL(source.url)
      : { host: source.url, protocol: '' };
    if (source.repository !== undefined) {
      lines.push(`${(await fetchList(host, source)) ? 'Get' : 'Hit'}:${i + 1} ${nameOf(source)} InRelease`);
    } else if (machine === 'pkgs.k8s.io') {
      lines.push(`Err:${i + 1} ${nameOf(source)} InRelease`, '  403  Forbidden');
      errors.push(
        `E: Failed to fetch ${source.url}/InRelease  403  Forbidden`,
        `E: The repository '${nameOf(source)}  InRelease' is not signed.`,
      );
    } else {
      const why = `Temporary failure resolving '${machine}'`;
      lines.push(`Err:${i + 1} ${nameOf(source)} InRelease`, `  ${protocol === '' ? 'not a URL' : why}`);
      errors.push(`W: Failed to fetch ${source.url}/dists/${source.suite}/InRelease  ${why}`);
    }
  }
  const isAmiss = errors.some((line) => line.startsWith('E:'));
  if (errors.length > 0 && !isAmiss)
    errors.push('W: Some index files failed to download. They have been ignored, or old ones used instead.');
  await call.stdout(`${lines.map((line) => `${line}\n`).join('')}Reading package lists... Done\n`);
  await call.stderr(errors.map((line) => `${line}\n`).join(''));
  return isAmiss ? APT_ERROR : 0;
}
