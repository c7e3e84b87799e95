import type { HostName } from '../../../protocol/host.ts';

const BEGIN = '# The machines of this lab';
const END = '# End of the machines of this lab';

/**
 * /etc/hosts with the lab's machines in it, in place of those that an earlier run put there. Docker's own lines stay: it writes them anew
 * whenever a container starts.
 */
export function withHostNames(hosts: string, addresses: ReadonlyMap<HostName, string>): string {
  const lines = hosts.split('\n');
  const [begin, end] = [lines.indexOf(BEGIN), lines.indexOf(END)];
  const others = begin !== -1 && end > begin ? lines.toSpliced(begin, end - begin + 1) : lines;
  const text = others.join('\n').replace(/\n+$/, '');
  const ours = [...addresses].map(([name, address]) => `${address}\t${name}`);
  return [...(text === '' ? [] : [text]), BEGIN, ...ours, END, ''].join('\n');
}
