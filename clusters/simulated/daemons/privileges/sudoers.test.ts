import { describe, expect, test } from 'vitest';
import { type Asked, decide, readSudoers } from './sudoers.ts';

const ops: Asked = {
  user: 'ops',
  uid: 1000,
  groups: ['ops', 'sudo'],
  host: 'node01',
  runAs: 'root',
  command: ['/usr/bin/systemctl', 'restart', 'ssh'],
};

describe('what sudoers allows', () => {
  test.each([
    ['root ALL=(ALL:ALL) ALL', {}, 'denied'],
    ['%sudo ALL=(ALL:ALL) ALL', {}, 'password'],
    ['%sudo ALL=(ALL:ALL) NOPASSWD: ALL', {}, 'allowed'],
    ['%wheel ALL=(ALL:ALL) NOPASSWD: ALL', {}, 'denied'],
    ['#1000 ALL = NOPASSWD: ALL', {}, 'allowed'],
    ['ops node02 = NOPASSWD: ALL', {}, 'denied'],
    ['ops ALL = NOPASSWD: ALL', { runAs: 'bob' }, 'denied'],
    ['ops ALL = (bob) NOPASSWD: ALL', { runAs: 'bob' }, 'allowed'],
    ['ops ALL = NOPASSWD: /usr/bin/systemctl restart ssh', {}, 'allowed'],
    ['ops ALL = NOPASSWD: /usr/bin/systemctl restart *', {}, 'allowed'],
    ['ops ALL = NOPASSWD: /usr/bin/systemctl ""', {}, 'denied'],
    ['ops ALL = NOPASSWD: /usr/bin/', {}, 'allowed'],
    ['ops ALL = NOPASSWD: /usr/', {}, 'denied'],
    ['ops ALL = NOPASSWD: ALL, !/usr/bin/systemctl', {}, 'denied'],
    ['ops ALL = NOPASSWD: ALL\nops ALL = ALL', {}, 'password'],
    ['ops ALL = NOPASSWD: /bin/ls, PASSWD: ALL', {}, 'password'],
    ['ALL, !ops ALL = NOPASSWD: ALL', {}, 'denied'],
    [
      'User_Alias ADMINS = bob, ops\nCmnd_Alias UNITS = /usr/bin/systemctl\nADMINS ALL = NOPASSWD: UNITS',
      {},
      'allowed',
    ],
    ['ops ALL = \\\n NOPASSWD: ALL # for now', {}, 'allowed'],
  ] as const)('%s', (text, other, decision) => {
    const { rules, complaints } = readSudoers('/etc/sudoers', text);
    expect(complaints).toEqual([]);
    expect(decide(rules, { ...ops, ...other })).toBe(decision);
  });
});

test('a line that cannot be read is told and left out', () => {
  const { rules, complaints } = readSudoers(
    '/etc/sudoers',
    'Defaults env_reset\nfrobnicate\nops ALL = NOPASSWD: ALL\n',
  );
  expect(complaints).toEqual(['/etc/sudoers:2:1: syntax error\nfrobnicate\n^']);
  expect(decide(rules, ops)).toBe('allowed');
});

test('folders and files are included by either sign', () => {
  expect(readSudoers('/etc/sudoers', '@includedir /etc/sudoers.d\n#include /etc/more\n').included).toEqual([
    { kind: 'folder', path: '/etc/sudoers.d' },
    { kind: 'file', path: '/etc/more' },
  ]);
});
