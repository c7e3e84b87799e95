import { describe, expect, it } from 'vitest';
import { connectEvent, execEvent, openEvent } from '../test-events.ts';
import { compileCondition } from './compile.ts';
import { parseCondition } from './parse.ts';
import { ConditionError } from './syntax.ts';

const holds = (text: string, event = execEvent()): boolean => compileCondition(parseCondition(text))(event);

describe('a condition', () => {
  it.each<[string, boolean]>([
    ['proc.name=sh', true],
    ['not proc.name=sh', false],
    ['not(proc.name=bash)', true],
    ['not not proc.name=sh', true],
    ['proc.name=bash or proc.name=sh and evt.type=execve', true],
    ['(proc.name=bash or proc.name=sh) and evt.type=open', false],
    ['proc.name=bash or(proc.name=sh)', true],
    ['proc.name in (bash, "sh")', true],
    ['proc.name in ()', false],
    ['proc.name != bash', true],
    ['proc.name glob s?', true],
    ['proc.name iglob S*', true],
    ['proc.cmdline contains "echo x"', true],
    ['proc.cmdline icontains ECHO', true],
    ['proc.cmdline startswith sh', true],
    ['proc.cmdline endswith x', true],
    ['proc.cmdline regex "sh -c .*"', true],
    ['proc.cmdline regex "-c"', false],
    ['proc.exepath pmatch (/bin, /usr)', true],
    ['proc.exepath pmatch (/bi)', false],
    ['proc.aname intersects (containerd-shim)', true],
    ['proc.aname in (runc, containerd-shim)', true],
    ['proc.aname[1] = containerd-shim', true],
    ['proc.pname=containerd-shim', true],
    ['toupper(proc.name) = SH', true],
    ['len(proc.name) = 2', true],
    ['basename(proc.exepath) = val(proc.name)', true],
    ['user.uid = 0 and user.name = root', true],
    ['proc.vpid >= 7 and proc.vpid < 8', true],
    ['proc.tty != 0', false],
    ['container.id != host and container.privileged = false', true],
    ['container.image.repository = docker.io/library/busybox and container.image.tag = 1.36', true],
    ['k8s.ns.name=shop and k8s.pod.label.app=web', true],
    ['k8s.pod.label[app] exists', true],
    ['k8s.pod.label[tier] exists', false],
    // What an event does not have compares with nothing, not even as different.
    ['fd.name != /etc/shadow', false],
    ['not fd.name = /etc/shadow', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text, execEvent({ argv: ['sh', '-c', 'echo x'] }))).toBe(expected);
  });

  it('looks at files', () => {
    const event = openEvent({ path: '/etc/ssl/key', flags: 0o102, error: 'EACCES' });
    expect(holds('fd.directory=/etc/ssl and fd.filename=key and fd.typechar=f', event)).toBe(true);
    expect(holds('evt.is_open_write=true and evt.is_open_read=true and evt.is_open_create=true', event)).toBe(true);
    expect(holds('fd.num=-1 and evt.res=EACCES and evt.rawres<0 and evt.failed=true', event)).toBe(true);
    expect(holds('evt.arg.flags contains O_RDWR and evt.arg[name] = /etc/ssl/key', event)).toBe(true);
  });

  it('looks at connections', () => {
    const event = connectEvent({ address: '10.96.0.1', port: 443 });
    expect(holds('fd.sip="10.96.0.1" and fd.sport=443 and fd.l4proto=tcp and fd.typechar=4', event)).toBe(true);
    expect(holds('fd.snet in ("192.168.0.0/16", "10.0.0.0/8")', event)).toBe(true);
    expect(holds('fd.net = "172.16.0.0/12"', event)).toBe(false);
    expect(holds('fd.ip = "10.244.1.5"', event)).toBe(true);
  });

  it.each([
    ['', 'filter input string is empty'],
    ['proc.name=sh sh', "unexpected token after 'sh', expecting 'or', 'and'"],
    ['(proc.name=sh', "expected a ')' token"],
    ['proc.name is sh', 'expected a valid check operator: one of '],
    ['proc.vpid > x', 'expected a number value'],
    ['and', "Undefined macro 'and' used in filter."],
    ['=', "expected a '(' token, a field check, or an identifier"],
    ['proc.name in sh,', "unexpected token after 'sh'"],
    ['proc.name > 1', "'>' operator not supported for string filters"],
    ['evt.is_open_read = yes', "unrecognized boolean value 'yes'"],
    ['proc.name regex "("', "invalid regular expression '('"],
    [`${'('.repeat(300)}proc.name=sh${')'.repeat(300)}`, 'exceeded max depth limit'],
  ])('%s is refused', (text, message) => {
    expect(() => holds(text)).toThrow(ConditionError);
    expect(() => holds(text)).toThrow(message);
  });
});
