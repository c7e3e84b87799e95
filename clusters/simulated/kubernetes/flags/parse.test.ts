import { describe, expect, it } from 'vitest';
import { parseFlags } from './parse.ts';
import { API_SERVER } from './table.ts';

describe('parseFlags', () => {
  it.each([
    [['--foo'], 'Error: unknown flag: --foo'],
    [['--insecure-port=8080'], 'Error: unknown flag: --insecure-port'],
    [
      ['--anonymous-auth=maybe'],
      'Error: invalid argument "maybe" for "--anonymous-auth" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      ['--secure-port', 'x'],
      'Error: invalid argument "x" for "--secure-port" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ['--request-timeout=5'],
      'Error: invalid argument "5" for "--request-timeout" flag: time: missing unit in duration "5"',
    ],
    [['--audit-log-path'], 'Error: flag needs an argument: --audit-log-path'],
    [
      ['--bind-address=example'],
      'Error: invalid argument "example" for "--bind-address" flag: failed to parse IP: "example"',
    ],
    [
      ['--tls-curve-preferences=23,X25519'],
      'Error: invalid argument "23,X25519" for "--tls-curve-preferences" flag: strconv.ParseInt: parsing "X25519": invalid syntax',
    ],
    [['-v', 'x'], 'Error: invalid argument "x" for "-v, --v" flag: strconv.ParseUint: parsing "x": invalid syntax'],
    [['--cloud-provider=external'], 'Error: unknown flag: --cloud-provider'],
    [['--logtostderr'], 'Error: unknown flag: --logtostderr'],
    [['serve'], 'Error: "kube-apiserver" does not take any arguments, got ["serve"]'],
    [['-x'], "Error: unknown shorthand flag: 'x' in -x"],
  ])('refuses %j in the words of the binary', (argv, failed) => {
    expect(parseFlags(argv)).toEqual({ failed });
  });

  it('gives each flag its own type and gathers lists', () => {
    const parsed = parseFlags([
      '--profiling=false',
      '--secure_port=6444',
      '--authorization-mode=Node,RBAC',
      '--authorization-mode',
      'Webhook',
      '--request-timeout=1m30s',
      '--runtime-config=api/all=true,batch/v1',
      '--enable-bootstrap-token-auth',
      '-v=2',
    ]);
    expect(parsed).toEqual({
      ok: new Map<string, unknown>([
        ['profiling', false],
        ['secure-port', 6444],
        ['authorization-mode', ['Node', 'RBAC', 'Webhook']],
        ['request-timeout', 90],
        ['runtime-config', { 'api/all': 'true', 'batch/v1': '' }],
        ['enable-bootstrap-token-auth', true],
        ['v', 2],
      ]),
    });
  });

  it('knows every flag that has an effect', () => {
    expect([...API_SERVER.effective].filter((name) => !API_SERVER.flags.has(name))).toEqual([]);
  });
});
