import { describe, expect, it } from 'vitest';
import { celEnvironment } from './environment.ts';
import { CelAuthorizer } from './libraries/authorizer.ts';
import { compile } from './program.ts';
import { asCel } from './values.ts';

const environment = celEnvironment(['object', 'authorizer']);
const jane = { username: 'jane', groups: ['system:authenticated'], extra: {} };
const authorizer = new CelAuthorizer(
  jane,
  {
    authorize: (asked) =>
      asked.user.username === 'jane' && asked.verb === 'get'
        ? { decision: 'allow', reason: 'because' }
        : { decision: 'no opinion', reason: '' },
  },
  { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'shop', name: 'p' },
);
const object = asCel({
  name: 'api-7',
  list: ['b', 'a'],
  many: Array.from({ length: 400 }, (_, at) => `k${at}`),
  huge: 'x'.repeat(100_000),
});

function evaluate(expression: string): unknown {
  const program = compile(environment, expression);
  if ('failed' in program) throw new Error(program.failed);
  return program.run({ object, authorizer });
}

describe('the libraries of Kubernetes', () => {
  it.each([
    `object.name.matches('^api-[0-9]+$')`,
    `object.name.find('[0-9]+') == '7' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'a1b22'.findAll('[0-9]+', 1) == ['1']`,
    `object.list.join(',') == 'b,a' && ['a', 'b'].join() == 'ab'`,
    `'aa'.replace('a', 'bc') == 'bcbc' && 'aaa'.replace('a', 'b', 1) == 'baa' && 'aa'.replace('', '-') == '-a-a-'`,
    `'%s has %d, %.1f, %x, %e'.format(['a', 3, 1.25, 255, 12.0]) == 'a has 3, 1.3, ff, 1.200000e+01'`,
    `object.list.sort() == ['a', 'b'] && object.list.indexOf('a') == 1 && [1, 1, 2].distinct() == [1, 2]`,
    `[[1], [2, 3]].flatten() == [1, 2, 3] && [1, 2, 3].slice(1, 3) == [2, 3] && [1, 2].sum() == 3 && ![2, 1].isSorted()`,
    `sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])`,
    `quantity('1Gi').add(1).isGreaterThan(quantity('1Gi')) && quantity('1k') == quantity('1000') && isQuantity('5m')`,
    `ip('10.0.0.1').family() == 4 && isIP('::1') && !isIP('010.0.0.1') && ip.isCanonical('::1') && !ip.isCanonical('0::1')`,
    `ip('169.254.169.254').isLinkLocalUnicast() && ip('127.0.0.1').isLoopback() && string(ip('::1')) == '::1'`,
    `cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR(cidr('0.0.0.0/0'))`,
    `cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && !isCIDR('10.0.0.0/33')`,
    `url('https://a.test:443/p?y=1&y=2').getPort() == '443' && url('https://a.test/?y=1&y=2').getQuery()['y'] == ['1', '2']`,
    `url('https://[::1]:80/').getHostname() == '::1' && url('https://a.test').getEscapedPath() == '' && !isURL('a b')`,
    `semver('1.2.3').isGreaterThan(semver('1.2.3-rc.1')) && semver('v1.2', true).minor() == 2 && !isSemver('v1.2.3')`,
    `format.dns1123Label().validate('A').hasValue() && !format.named('uuid').value().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()`,
    `base64.decode('aGk=') == b'hi' && base64.encode(b'hi') == 'aGk='`,
    `authorizer.group('').resource('pods').namespace('shop').check('get').allowed()`,
    `!authorizer.serviceAccount('shop', 'sa').path('/healthz').check('get').allowed()`,
    `authorizer.requestResource.check('get').reason() == 'because'`,
    `object.?missing.orValue('d') == 'd' && optional.of(1).hasValue()`,
  ])('hold: %s', (expression) => {
    expect(evaluate(expression)).toBe(true);
  });

  it.each([
    [`object.missing == 'x'`, 'no such key: missing'],
    [`object.list[7] == 'x'`, 'index out of bounds: 7'],
    [`1 / (object.list.size() - 2) == 1`, 'division by zero'],
    [`object.list < 1.5`, 'no such overload'],
    [`object.name.matches(object.name + '(')`, 'error parsing regexp: missing closing ): `api-7(`'],
  ])('fail in the words of cel-go: %s', (expression, why) => {
    expect(() => evaluate(expression)).toThrow(why);
  });
});

describe('compile errors', () => {
  it.each([
    [
      'foo == bar',
      `ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo == bar\n | ^\nERROR: <input>:1:8: undeclared reference to 'bar' (in container '')\n | foo == bar\n | .......^`,
    ],
    [
      `'a' + 1`,
      `ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n | 'a' + 1\n | ....^`,
    ],
    [`'a'.nope()`, `ERROR: <input>:1:9: undeclared reference to 'nope' (in container '')\n | 'a'.nope()\n | ........^`],
    [
      `object.a ==`,
      `ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.a ==\n | ...........^`,
    ],
    [`has(object)`, `ERROR: <input>:1:5: invalid argument to has() macro\n | has(object)\n | ....^`],
    [`'a'.matches('(')`, `ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^`],
  ])('show the place: %s', (expression, text) => {
    expect(compile(environment, expression)).toEqual({ failed: text });
  });

  it('refuse expressions beyond their bounds', () => {
    const deep = `${'('.repeat(300)}1${')'.repeat(300)} == 1`;
    const long = Array.from({ length: 6000 }, () => '1').join(' + ');
    for (const expression of [deep, long]) {
      expect((compile(environment, expression) as { failed: string }).failed).toContain(
        'not simulated: an expression this large',
      );
    }
  });
});

const outcome = (expression: string): string => {
  try {
    return String(evaluate(expression));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what would hang the server', () => {
  it.each([
    `object.huge.matches('(x+x+)+y')`,
    `object.huge.matches('^(x|x|x)*$')`,
    `object.huge.findAll('x*y|x').size() >= 0`,
  ])('takes linear time or is refused: %s', (expression) => {
    const before = performance.now();
    expect(outcome(expression)).toMatch(/^(true|false|operation cancelled: actual cost limit exceeded)$/);
    expect(performance.now() - before).toBeLessThan(3000);
  });

  const nested = 'object.many.map(a, object.many.map(b, object.many.map(c, c)))';
  const doubled = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].reduceRight(
    (inner, name, at) =>
      `cel.bind(${name}, ${String.fromCharCode(97 + at)} + ${`${String.fromCharCode(97 + at)} + `.repeat(20)}'', ${inner})`,
    'size(h)',
  );
  it.each([
    `${nested}.size() > 0`,
    `object.many.all(a, object.many.all(b, object.many.all(c, true)))`,
    `object.many.exists(a, object.many.exists(b, object.many.exists(c, false))) || true`,
    `object.many.map(a, object).all(x, object.many.map(y, object).all(z, x == z))`,
    `cel.bind(a, object.huge, ${doubled}) > 0`,
    `object.huge.replace('', object.huge) == ''`,
    `object.huge.split('').join(object.huge) == ''`,
    `object.huge.matches('(((x?){30}){30})y')`,
  ])('is stopped: %s', (expression) => {
    expect(() => evaluate(expression)).toThrow('operation cancelled: actual cost limit exceeded');
  });
});
