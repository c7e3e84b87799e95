import { expect, it } from 'vitest';
import { pathPattern } from './path-pattern.ts';

it.each<[string, readonly string[], readonly string[]]>([
  ['/etc/shadow', ['/etc/shadow'], ['/etc/shadow-', '/etc/shadow/', '/x/etc/shadow']],
  ['/etc/*', ['/etc/passwd'], ['/etc/', '/etc/ssl/key', '/etcetera']],
  ['/etc/**', ['/etc/passwd', '/etc/ssl/key', '/etc/ssl/'], ['/etc/', '/etc']],
  ['/**', ['/x', '/x/y', '/x/'], ['/']],
  ['/proc/*/environ', ['/proc/1/environ'], ['/proc//environ', '/proc/1/2/environ']],
  ['/var/log/*.log', ['/var/log/x.log', '/var/log/.log'], ['/var/log/x.txt', '/var/log/xlog']],
  ['/{usr/,}bin/sh', ['/bin/sh', '/usr/bin/sh'], ['/usr/sbin/sh', '/bin/ash']],
  ['/dev/tty[0-9]', ['/dev/tty1'], ['/dev/tty', '/dev/ttyS']],
  ['/dev/tt?', ['/dev/tty'], ['/dev/tt/']],
  ['/a(b)+$', ['/a(b)+$'], ['/ab', '/abb']],
  [String.raw`/a\*`, ['/a*'], ['/ab']],
])('the pattern of %s', (path, matching, others) => {
  const pattern = new RegExp(`^(?:${pathPattern(path)})$`, 's');
  expect(matching.filter((one) => !pattern.test(one))).toEqual([]);
  expect(others.filter((one) => pattern.test(one))).toEqual([]);
});

it.each(['/a*b*c*d*e*', '@{HOME}/x', '/a/@{pid}', 'relative', '/{a,b'])('there is none of %s', (path) => {
  expect(pathPattern(path)).toBeUndefined();
});
