import { z } from 'zod';
import { HOST_NAMES, HostName } from './host.ts';

/** The 4 Cs of cloud native security, from the outside in (kubernetes.io/docs/concepts/security). */
export const FOUR_CS = ['cloud', 'cluster', 'container', 'code'] as const;
export const FourC = z.enum(FOUR_CS);
export type FourC = z.infer<typeof FourC>;

export const BackendName = z.enum(['simulated', 'kind']);
export type BackendName = z.infer<typeof BackendName>;

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by dashes');
const port = z.int().min(1).max(65_535);
const seconds = z.number().positive().max(60);

/** Who asks the API server. `anonymous` sends no credentials at all. */
export const Identity = z.union([
  z.literal('admin'),
  z.literal('anonymous'),
  z.strictObject({ user: z.string().min(1), groups: z.array(z.string()).default([]) }),
  z.strictObject({ serviceAccount: z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'namespace/name') }),
]);
export type Identity = z.infer<typeof Identity>;

/** Where a network probe starts: a host, or `stranger`, a machine of the internet that the learner has no hand on. */
export const Origin = z.enum([...HOST_NAMES, 'stranger']);
export type Origin = z.infer<typeof Origin>;

/** Where a network probe starts and ends. `to` is a host of the lab or any address its network knows. */
const route = { from: Origin, to: z.string().min(1), port };

const accessRequest = z.strictObject({
  verb: z.string(),
  group: z.string().default(''),
  resource: z.string(),
  subresource: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
});

/**
 * One observation. Each kind yields a fact of its own shape, described beside its implementation in grader/probes/.
 * A probe never judges: `expect` does, over the fact.
 */
export const Probe = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), ...route, timeout: seconds.default(2) }),
  z.strictObject({
    kind: z.literal('http'),
    ...route,
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
    path: z.string().startsWith('/').default('/'),
    tls: z.boolean().default(false),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    timeout: seconds.default(3),
  }),
  z.strictObject({ kind: z.literal('tls'), ...route, timeout: seconds.default(3) }),
  z.strictObject({
    kind: z.literal('ssh-login'),
    ...route,
    port: port.default(22),
    user: z.string(),
    /**
     * A password or a private key to try; `lab-key` for the key that the workstation's administrator holds by now, `fresh-key` for one
     * that the user's `authorized_keys` lets in for the time of the login.
     */
    with: z.union([
      z.strictObject({ password: z.string() }),
      z.strictObject({ privateKey: z.string() }),
      z.literal('lab-key'),
      z.literal('fresh-key'),
    ]),
    timeout: seconds.default(5),
  }),
  z.strictObject({
    kind: z.literal('kube-request'),
    as: Identity,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path: z.string().startsWith('/'),
    body: z.record(z.string(), z.unknown()).optional(),
    contentType: z.string().default('application/json'),
    /** A host whose network the request leaves from; without it, straight to the API server. */
    from: HostName.optional(),
    timeout: seconds.default(5),
  }),
  z.strictObject({ kind: z.literal('access-review'), as: Identity, can: accessRequest }),
  z.strictObject({ kind: z.literal('rights'), as: Identity }),
  z.strictObject({
    kind: z.literal('admission'),
    as: Identity.default('admin'),
    namespace: z.string().optional(),
    manifest: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    kind: z.literal('objects'),
    apiVersion: z.string(),
    resource: z.string(),
    namespace: z.string().optional(),
    name: z.string().optional(),
    labelSelector: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('workloads') }),
  z.strictObject({
    kind: z.literal('file'),
    host: HostName,
    path: z.string().startsWith('/'),
    format: z.enum(['text', 'yaml', 'json', 'ini']).default('text'),
  }),
  z.strictObject({
    kind: z.literal('command'),
    host: HostName,
    argv: z.array(z.string()).min(1),
    stdin: z.string().optional(),
    timeout: seconds.default(10),
  }),
  z.strictObject({
    kind: z.literal('listeners'),
    host: HostName,
    /** A path that each listener is asked for. */
    ask: z.string().startsWith('/').optional(),
    timeout: seconds.default(5),
  }),
  z.strictObject({ kind: z.literal('etcd'), key: z.string().startsWith('/') }),
  /** Makes a Secret, reads it raw from etcd and deletes it: how new Secrets are stored. */
  z.strictObject({ kind: z.literal('fresh-secret'), namespace: z.string() }),
  z.strictObject({ kind: z.literal('stored-secrets') }),
  z.strictObject({
    kind: z.literal('pod-exec'),
    namespace: z.string(),
    /** Picks the first running pod with these labels. */
    labelSelector: z.string(),
    container: z.string().optional(),
    argv: z.array(z.string()).min(1),
    timeout: seconds.default(10),
  }),
  z.strictObject({
    kind: z.literal('pod-connect'),
    namespace: z.string(),
    labelSelector: z.string(),
    to: z.string(),
    port,
    timeout: seconds.default(3),
  }),
  z.strictObject({
    kind: z.literal('leak-scan'),
    /** The text that must not be readable, for instance a password of the seed. */
    secret: z.string().min(4),
    /** API paths of the lists to scan, each object's whole JSON. */
    lists: z.array(z.string().startsWith('/')).min(1),
  }),
]);
export type Probe = z.infer<typeof Probe>;
export type ProbeKind = Probe['kind'];

/** How far a backend can be believed about a check. */
export const Support = z.enum(['real', 'modelled', 'unsupported']);
export type Support = z.infer<typeof Support>;

export const Check = z.strictObject({
  id: slug,
  title: z.string().min(1),
  probe: Probe,
  /** What else must meet `expect`: the same looked at from elsewhere, as somebody else or in another form. */
  also: z.array(Probe).max(10).default([]),
  /** A CEL expression over `fact`, true when the world is as it should be. */
  expect: z.string().min(1),
  /** What to tell the learner when `expect` is false; `{{ CEL }}` is replaced by the value over `fact`. */
  mismatch: z.string().min(1),
  hint: z.string().optional(),
  support: z.strictObject({ simulated: Support.default('real'), kind: Support.default('real') }).default({
    simulated: 'real',
    kind: 'real',
  }),
  /** Seconds that the world may take to settle; the probe is repeated until `expect` holds or they are over. */
  within: z.number().min(0).max(30).default(0),
});
export type Check = z.infer<typeof Check>;

export const Task = z.strictObject({
  id: slug,
  c: FourC,
  title: z.string().min(1),
  points: z.int().min(1).max(100),
  /** Competency ids of the CKS curriculum, for instance `system.network-exposure`. */
  competencies: z.array(z.string()).min(1),
  /** Where the learner is expected to work first; the page offers a terminal there. */
  host: HostName.default('workstation'),
  checks: z.array(Check).min(1),
  /** Checks that must hold before and after: a failed guard takes its task's points. */
  guards: z.array(Check).min(1),
});
export type Task = z.infer<typeof Task>;

/** What a real cluster is made of where the default, a control plane and one node of the newest release, does not do. */
export const ClusterShape = z.strictObject({
  /** A release of Kubernetes; kind takes the image `kindest/node:v<release>` unless another one is named on the command line. */
  kubernetes: z
    .string()
    .regex(/^1\.\d+\.\d+$/, 'a release in full and in quotes, for instance "1.36.4"')
    .optional(),
  /** 1: the control plane alone. */
  nodes: z.int().min(1).max(2).default(2),
  /** Merge patches of the documents that kubeadm reads, for instance of `ClusterConfiguration` (kubeadm-config.v1beta4). */
  kubeadmPatches: z.array(z.looseObject({ kind: z.string().min(1) })).default([]),
  /** Files of seed/hosts that a node must have before kubeadm runs, because a patch names them: `controlplane:/etc/kubernetes/audit.yaml`. */
  bootFiles: z.array(z.templateLiteral([z.enum(['controlplane', 'node01']), ':/', z.string().min(1)])).default([]),
});
export type ClusterShape = z.infer<typeof ClusterShape>;

/** `scenarios/<id>/scenario.yaml`. The text of a task is `tasks/<task id>.md` beside it. */
export const ScenarioFile = z
  .strictObject({
    id: slug,
    title: z.string().min(1),
    summary: z.string().min(1),
    /** Markdown: what has happened and what is asked. */
    story: z.string().default(''),
    minutes: z.int().min(0).max(240).default(0),
    hosts: z.array(HostName).default([]),
    cluster: ClusterShape.optional(),
    tasks: z.array(Task).default([]),
    /** For each wrong fix under `wrong/<name>/`, the checks or guards (`task/check`) that must not pass. */
    wrong: z.record(slug, z.array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)).min(1)).default({}),
  })
  .superRefine((scenario, context) => {
    const ids = scenario.tasks.flatMap((task) => [
      task.id,
      ...[...task.checks, ...task.guards].map((check) => `${task.id}/${check.id}`),
    ]);
    for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) {
      context.addIssue({ code: 'custom', message: `the id ${id} is used twice`, path: ['tasks'] });
    }
    if (scenario.cluster?.nodes === 1 && scenario.hosts.includes('node01')) {
      context.addIssue({ code: 'custom', message: 'a cluster of one node has no node01', path: ['hosts'] });
    }
    for (const [name, checks] of Object.entries(scenario.wrong)) {
      for (const check of checks.filter((check) => !ids.includes(check))) {
        context.addIssue({ code: 'custom', message: `there is no check ${check}`, path: ['wrong', name] });
      }
    }
  });
export type ScenarioFile = z.infer<typeof ScenarioFile>;
