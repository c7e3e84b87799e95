import type { Environment } from '@marcbachmann/cel-js';
import { spend } from '../budget.ts';
import { declareNamespace } from '../namespace.ts';
import { find, findAll, matches } from '../patterns.ts';
import { formatted } from './format-string.ts';

/** Pays for the text that is going to be made before it is made. */
function replaced(text: string, from: string, to: string, limit: number): string {
  if (limit === 0) return text;
  let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  const parts: string[] = [];
  let at = 0;
  while (left > 0) {
    const next = from === '' ? (at < text.length ? at + (parts.length === 0 ? 0 : 1) : -1) : text.indexOf(from, at);
    if (next === -1) break;
    spend(1 + to.length / 10);
    parts.push(text.slice(at, next), to);
    at = next + from.length;
    left -= 1;
  }
  return parts.join('') + text.slice(at);
}

function joined(list: readonly unknown[], separator: string): string {
  spend((list.length * separator.length) / 10);
  for (const item of list) {
    if (typeof item !== 'string') throw new Error('no such overload');
    spend(item.length / 10);
  }
  return list.join(separator);
}

function charAt(text: string, at: bigint): string {
  const index = Number(at);
  if (index < 0 || index > text.length) throw new Error(`index out of range: ${at}`);
  return text.charAt(index);
}

/** What cel-go's strings (ext/strings.go, version 2) and Kubernetes' regex (apiserver/pkg/cel/library/regex.go) add to CEL's own. */
export function strings(environment: Environment): void {
  environment
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      replaced(text, from, to, -1),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, most: bigint) => replaced(text, from, to, Number(most)),
    )
    .registerFunction('string.reverse(): string', (text: string) => Array.from(text).toReversed().join(''))
    .registerFunction('string.format(list<dyn>): string', formatted)
    .registerFunction('string.find(string): string', find)
    .registerFunction('string.findAll(string): list<string>', (text: string, source: string) => findAll(text, source))
    .registerFunction('string.findAll(string, int): list<string>', (text: string, source: string, most: bigint) =>
      findAll(text, source, Number(most)),
    )
    .registerFunction('string.k8sMatches(string): bool', matches)
    .registerFunction('list<dyn>.k8sJoin(): string', (list: readonly unknown[]) => joined(list, ''))
    .registerFunction('list<dyn>.k8sJoin(string): string', joined);
  environment.registerFunction(
    `${declareNamespace(environment, 'strings')}.quote(string): string`,
    (_strings, text: string) => JSON.stringify(text),
  );
  // apiserver/pkg/cel/library/jsonpatch.go
  environment.registerFunction(
    `${declareNamespace(environment, 'jsonpatch')}.escapeKey(string): string`,
    (_jsonpatch, key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
  const base64 = declareNamespace(environment, 'base64');
  environment
    .registerFunction(`${base64}.encode(bytes): string`, (_base64, bytes: Uint8Array) =>
      Buffer.from(bytes).toString('base64'),
    )
    .registerFunction(`${base64}.decode(string): bytes`, (_base64, text: string) => Buffer.from(text, 'base64'));
}
