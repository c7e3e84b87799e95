import { describe, expect, it } from 'vitest';
import { auditLog, type AuditedRequest } from './audit.ts';
import { auditLogFile, type LogFiles } from './log-file.ts';
import { judge, readPolicy, type Auditable, type Policy } from './policy.ts';

const NOW = Date.parse('2026-03-01T12:00:00.250Z');
const clock = { now: () => NOW, after: () => ({ [Symbol.dispose]() {} }) };
const PATH = '/etc/kubernetes/audit.yaml';
const policy = (rules: string, more = ''): Policy => {
  const read = readPolicy(PATH, `apiVersion: audit.k8s.io/v1\nkind: Policy\n${more}\nrules:\n${rules}`);
  if ('failed' in read) throw new Error(read.failed);
  return read.ok;
};
const user = { username: 'jane', groups: ['dev', 'system:authenticated'], extra: {} };
const secret: Auditable = {
  verb: 'get',
  user,
  path: '/api/v1/namespaces/shop/secrets/db',
  resource: { group: '', resource: 'secrets', subresource: '', namespace: 'shop', name: 'db' },
};
const request: AuditedRequest = {
  id: '00000000-0000-4000-8000-000000000000',
  requestUri: '/api/v1/namespaces/shop/secrets/db',
  verb: 'get',
  user,
  sourceIPs: ['10.0.0.9'],
  userAgent: 'kubectl/v1.35.2',
  received: NOW,
  resource: { group: '', version: 'v1', resource: 'secrets', subresource: '', namespace: 'shop', name: 'db' },
};

describe('judge', () => {
  it.each([
    ['- level: Metadata', 'Metadata'],
    ['- level: None\n  users: [jane]\n- level: Metadata', 'None'],
    ['- level: None\n  users: [bob]\n- level: Request', 'Request'],
    ['- level: RequestResponse\n  resources: [{group: "", resources: [secrets]}]', 'RequestResponse'],
    ['- level: Metadata\n  resources: [{group: "", resources: [secrets/status]}]', 'None'],
    ['- level: Metadata\n  resources: [{group: apps}]', 'None'],
    ['- level: Metadata\n  resources: [{group: "", resources: [secrets], resourceNames: [other]}]', 'None'],
    ['- level: Metadata\n  namespaces: [shop]', 'Metadata'],
    ['- level: Metadata\n  nonResourceURLs: ["/api*"]', 'None'],
    ['- level: Metadata\n  userGroups: [ops]', 'None'],
    ['- level: Metadata\n  verbs: [get]', 'Metadata'],
  ])('lets the first matching rule decide: %s', (rules, level) => {
    expect(judge(policy(rules), secret).level).toBe(level);
  });
});

describe('readPolicy', () => {
  it.each([
    [
      undefined,
      `loading audit policy file: failed to read file path "${PATH}": open ${PATH}: no such file or directory`,
    ],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\n',
      `loading audit policy file: loaded illegal policy with 0 rules from file ${PATH}`,
    ],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]',
      'loading audit policy file: rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{lvl: All}]',
      `loading audit policy file: strict decoding error: unknown field "rules[0].lvl": from file ${PATH}`,
    ],
  ])('refuses a bad policy in words', (content, failed) => {
    expect(readPolicy(PATH, content)).toEqual({ failed });
  });
});

describe('auditLog', () => {
  const events = (rules: string, more?: string): Record<string, unknown>[] => {
    const lines: string[] = [];
    const trail = auditLog(policy(rules, more), clock, (line) => lines.push(line)).begin(request);
    trail?.annotate('authorization.k8s.io/decision', 'allow');
    trail?.responseObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', managedFields: [] } });
    trail?.complete({ code: 200 });
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('writes one line a stage', () => {
    expect(events('- level: Metadata')).toEqual([
      expect.objectContaining({
        stage: 'RequestReceived',
        level: 'Metadata',
        verb: 'get',
        user: { username: 'jane', groups: user.groups },
      }),
      expect.objectContaining({
        stage: 'ResponseComplete',
        objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
        responseStatus: { metadata: {}, code: 200 },
        stageTimestamp: '2026-03-01T12:00:00.250000Z',
        annotations: { 'authorization.k8s.io/decision': 'allow' },
      }),
    ]);
  });

  it('leaves out stages, bodies and managed fields as told', () => {
    const [event, ...more] = events(
      '- level: RequestResponse',
      'omitStages: [RequestReceived]\nomitManagedFields: true',
    );
    expect(more).toEqual([]);
    expect(event).toMatchObject({ responseObject: { metadata: { name: 'db' } } });
    expect(JSON.stringify(event)).not.toContain('managedFields');
    expect(events('- level: Metadata')[1]).not.toHaveProperty('responseObject');
  });
});

describe('auditLogFile', () => {
  it('puts a full file aside and keeps as many as it is told', async () => {
    const disk = new Map<string, string>();
    const files: LogFiles = {
      append: async (path, text) => void disk.set(path, (disk.get(path) ?? '') + text),
      size: async (path) => disk.get(path)?.length,
      rename: async (from, to) => {
        disk.set(to, disk.get(from) ?? '');
        disk.delete(from);
      },
      remove: async (path) => void disk.delete(path),
      list: async () => [...disk.keys()].map((path) => path.slice('/var/log/'.length)),
    };
    let now = NOW;
    const log = auditLogFile(
      '/var/log/audit.log',
      { maxAge: 0, maxBackup: 2, maxSize: 1 },
      files,
      { ...clock, now: () => (now += 1000) },
      (error) => {
        throw error;
      },
    );
    for (let i = 0; i < 5; i += 1) {
      log.sink(`${'x'.repeat(700_000)}\n`);
      await log.flushed();
    }
    expect([...disk.keys()].sort()).toHaveLength(3);
    expect(disk.get('/var/log/audit.log')).toHaveLength(700_001);
  });
});
