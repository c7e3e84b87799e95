import { describe, expect, it } from 'vitest';
import { celEnvironment } from '../environment.ts';
import { compile } from '../program.ts';
import { asCel, fromCel } from '../values.ts';

const environment = celEnvironment(['object']);
const OBJECT = { labels: { app: 'web', tier: 'front' }, ports: [80, 443] };

function value(expression: string): unknown {
  const program = compile(environment, expression);
  if ('failed' in program) return program.failed;
  try {
    return fromCel(program.run({ object: asCel(OBJECT) }));
  } catch (error) {
    return (error as Error).message;
  }
}

describe('comprehensions over two variables', () => {
  it.each([
    ['[1, 2, 3].all(i, v, v == i + 1)', true],
    ['{"a": 1, "b": 2}.exists(k, v, k == "b" && v == 2)', true],
    ['{"a": 1, "b": 2}.existsOne(k, v, v > 0)', false],
    ['object.labels.all(k, v, k.size() >= 3 && v != "")', true],
    ['object.labels.transformList(k, v, k + "=" + v)', ['app=web', 'tier=front']],
    ['object.labels.transformList(k, v, k == "app", v)', ['web']],
    ['object.labels.transformMap(k, v, v + "!")', { app: 'web!', tier: 'front!' }],
    ['object.labels.transformMap(k, v, k != "app", v)', { tier: 'front' }],
    ['object.labels.transformMapEntry(k, v, {v: k})', { web: 'app', front: 'tier' }],
    ['[1, 2].transformMapEntry(i, v, v > 0, {"same": v})', 'insert failed: key same already exists'],
    ['object.ports.transformList(i, p, i * 1000 + p)', [80, 1443]],
    ['[[1, 2], [3]].transformList(i, inner, inner.transformList(j, v, i * 10 + j + v))', [[1, 3], [13]]],
    [
      '[1, 2].transformList(i, v, [3, 4].map(w, v * w + i))',
      [
        [3, 4],
        [7, 9],
      ],
    ],
    ['[1, 0].exists(i, v, 1 / v == 1)', true],
    ['[0, 0].exists(i, v, 1 / v == 1)', 'division by zero'],
  ])('%s', (expression, result) => {
    expect(value(expression)).toEqual(result);
  });

  it.each([
    ['[1].all(i.x, v, true)', 'argument must be a simple name'],
    ['"text".all(i, v, true)', 'cannot be range of a comprehension (must be list, map, or dynamic)'],
    ['[1].all(i, v, v == "x")', "found no matching overload for '_==_' applied to '(int, string)'"],
    ['[1].all(i, v, nothing)', "undeclared reference to 'nothing'"],
  ])('do not compile: %s', (expression, why) => {
    expect(value(expression)).toContain(why);
  });

  it('cost what they go through', () => {
    const range = `[${Array.from({ length: 200 }, (_, at) => at).join(', ')}]`;
    const nested = `${range}.all(i, a, ${range}.all(j, b, ${range}.all(k, c, a + b + c >= 0)))`;
    expect(value(nested)).toContain('cost limit exceeded');
  });
});
