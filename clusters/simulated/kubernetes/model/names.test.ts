import { expect, test } from 'vitest';
import {
  configMapKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  environmentNameErrors,
  labelValueErrors,
  pathSegmentErrors,
  portNameErrors,
  qualifiedNameErrors,
  underscoredSubdomainErrors,
} from './names.ts';

test.each([
  [dns1123LabelErrors, 'web-1'],
  [dns1123SubdomainErrors, 'a.b-c.d'],
  [dns1035LabelErrors, 'web'],
  [underscoredSubdomainErrors, '_sip._tcp.example.com'],
  [qualifiedNameErrors, 'example.com/Name_1.x'],
  [labelValueErrors, ''],
  [configMapKeyErrors, 'key.NAME-1_x'],
  [environmentNameErrors, 'a b.c'],
  [pathSegmentErrors, 'system:node'],
  [portNameErrors, 'http-8080'],
])('%o accepts %j', (errors, name) => {
  expect(errors(name)).toEqual([]);
});

// Texts recorded from a 1.36 API server.
test.each([
  [
    dns1123LabelErrors,
    'under_score',
    /^a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', .*'my-name', {2}or '123-abc'/,
  ],
  [dns1123LabelErrors, 'bad.name', /^must not contain dots$/],
  [underscoredSubdomainErrors, 'a_', /^a lowercase RFC 1123 subdomain must .* '_', '-' or '.'/],
  [
    dns1123SubdomainErrors,
    'D',
    /^a lowercase RFC 1123 subdomain .*regex used for validation is '\[a-z0-9\]\(\[-a-z0-9\]\*\[a-z0-9\]\)\?\(\\\.\[/,
  ],
  [dns1123SubdomainErrors, 'a'.repeat(254), /^must be no more than 253 characters$/],
  [dns1035LabelErrors, '1a', /^a DNS-1035 label must consist/],
  [
    qualifiedNameErrors,
    'a/b/c',
    /^a valid label key must consist .* with an optional DNS subdomain prefix and '\/' \(e.g. 'example.com\/MyName'\)$/,
  ],
  [qualifiedNameErrors, '/b', /^prefix part must be non-empty$/],
  [qualifiedNameErrors, 'bad key', /^name part must consist of alphanumeric characters/],
  [labelValueErrors, 'a'.repeat(64), /^must be no more than 63 bytes$/],
  [
    configMapKeyErrors,
    'a b',
    /^a valid config key must consist of alphanumeric characters, '-', '_' or '.' \(e.g. 'key.name'/,
  ],
  [configMapKeyErrors, '..', /^must not be '..'$/],
  [pathSegmentErrors, 'a/b', /^may not contain '\/'$/],
  [portNameErrors, '80', /^must contain at least one letter/],
])('%o refuses %j', (errors, name, text) => {
  expect(errors(name)[0]).toMatch(text);
});
