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
    ['- level: Metadata\n  verbs: [create, update]', 'None'],
    ['- level: Metadata\n  userGroups: [ops, dev]', 'Metadata'],
    ['- level: Metadata\n  namespaces: [kube-system, shop]\n  resources: [{group: "", resources: ["*"]}]', 'Metadata'],
    ['- level: Metadata\n  namespaces: [""]', 'None'],
    ['- level: Metadata\n  resources: [{group: "", resources: [secrets], resourceNames: [other, db]}]', 'Metadata'],
    ['- level: Metadata\n  resources: [{group: "", resources: ["*/status", "secrets/*"]}]', 'None'],
  ])('lets the first matching rule decide: %s', (rules, level) => {
    expect(judge(policy(rules), secret).level).toBe(level);
  });
});

describe('judge of paths and subresources', () => {
  const asked = (path: string, resource?: Auditable['resource']): Auditable => ({ verb: 'get', user, path, resource });
  const log = { group: '', resource: 'pods', subresource: 'log', namespace: 'shop', name: 'web' };
  it.each([
    ['nonResourceURLs: ["/healthz"]', asked('/healthz'), 'Metadata'],
    ['nonResourceURLs: ["/healthz"]', asked('/healthz/ping'), 'None'],
    ['nonResourceURLs: ["/healthz*"]', asked('/healthz/ping'), 'Metadata'],
    ['nonResourceURLs: ["*"]', asked('/version'), 'Metadata'],
    ['nonResourceURLs: ["*"]', asked('/api/v1/pods', { ...log, subresource: '' }), 'None'],
    ['resources: [{group: "", resources: [pods]}]', asked('/x', log), 'None'],
    ['resources: [{group: "", resources: [pods/log]}]', asked('/x', log), 'Metadata'],
    ['resources: [{group: "", resources: ["pods/*"]}]', asked('/x', log), 'Metadata'],
    ['resources: [{group: "", resources: ["*/log"]}]', asked('/x', log), 'Metadata'],
    ['resources: [{group: ""}]', asked('/x', log), 'Metadata'],
    ['resources: [{group: ""}]', asked('/version'), 'None'],
  ])('%s of %j: %s', (rule, what, level) => {
    expect(judge(policy(`- level: Metadata\n  ${rule}`), what).level).toBe(level);
  });

  it('adds the stages a rule leaves out to those the policy does, and lets a rule decide on managed fields', () => {
    const read = policy(
      '- level: Metadata\n  omitStages: [ResponseStarted]\n  omitManagedFields: false',
      'omitStages: [RequestReceived]\nomitManagedFields: true',
    );
    expect(judge(read, secret)).toEqual({
      level: 'Metadata',
      omitStages: new Set(['RequestReceived', 'ResponseStarted']),
      omitManagedFields: false,
    });
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
    ['', `loading audit policy file: file was empty: "${PATH}"`],
    [
      'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]',
      `loading audit policy file: failed decoding: no kind "Policy" is registered for version "audit.k8s.io/v1beta1" in scheme "pkg/audit/scheme.go:30": from file ${PATH}`,
    ],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [Never]\nrules: [{level: None, nonResourceURLs: [healthz], namespaces: [a]}]',
      `loading audit policy file: [omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic, rules[0].nonResourceURLs: Invalid value: ["healthz"]: rules cannot apply to both regular resources and non-resource URLs, rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character]`,
    ],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, nonResourceURLs: ["/a*b"]}, {level: None, resources: [{resourceNames: [x]}]}]',
      `loading audit policy file: [rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule, rules[1].resources[0].resourceNames: Invalid value: ["x"]: using resourceNames requires at least one resource]`,
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

  it.each([
    ['Metadata', [false, false, false]],
    ['Request', [true, false, true]],
    ['RequestResponse', [true, true, true]],
  ])('holds at level %s of what is sent, what is answered and what webhooks patch: %j', (level, holds) => {
    const lines: string[] = [];
    const trail = auditLog(policy(`- level: ${level}`), clock, (line) => lines.push(line)).begin(request);
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' } };
    trail?.requestObject(object);
    trail?.responseObject(object);
    trail?.annotate('patch.webhook.admission.k8s.io/round_0_index_0', '{}');
    trail?.complete({ code: 200 });
    const event = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    expect(['requestObject', 'responseObject', 'annotations'].map((field) => field in event)).toEqual(holds);
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
    // Named by the moment they were put aside, as lumberjack does.
    expect([...disk.keys()].sort()).toEqual([
      expect.stringMatching(/^\/var\/log\/audit-2026-03-01T12-00-\d\d\.250\.log$/) as string,
      expect.stringMatching(/^\/var\/log\/audit-2026-03-01T12-00-\d\d\.250\.log$/) as string,
      '/var/log/audit.log',
    ]);
    expect(disk.get('/var/log/audit.log')).toHaveLength(700_001);
  });
});
