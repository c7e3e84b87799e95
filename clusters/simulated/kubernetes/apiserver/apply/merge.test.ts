import { describe, expect, it } from 'vitest';
import type { Resource } from '../../resources/resource.ts';
import { mergeConfiguration } from './merge.ts';

const row = {
  type: '',
  schema: {
    type: 'object',
    properties: { spec: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } },
  },
} as unknown as Resource;

describe('a list that live object and configuration share', () => {
  it.each([
    ['ab', 'c', 'abc'],
    ['ab', 'ba', 'ba'],
    ['as', 'ns', 'ans'],
    ['sa', 'sn', 'san'],
    ['abc', 'cxa', 'bcxa'],
    ['', 'ab', 'ab'],
    ['axb', 'ab', 'axb'],
  ])('%s with %s becomes %s', (live, wanted, merged) => {
    const object = (spec: string) => ({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: spec.split('') });
    expect((mergeConfiguration(object(live), object(wanted), row)['spec'] as string[]).join('')).toBe(merged);
  });
});
