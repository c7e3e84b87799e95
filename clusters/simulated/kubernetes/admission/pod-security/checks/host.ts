import type { Control } from '../check.ts';
import { containersOf } from '../pod.ts';
import { containers, quoted, setters, sorted } from '../wording.ts';

/** check_hostNamespaces.go */
export const hostNamespaces: Control = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const set = [
          ...(spec.hostNetwork === true ? ['hostNetwork=true'] : []),
          ...(spec.hostPID === true ? ['hostPID=true'] : []),
          ...(spec.hostIPC === true ? ['hostIPC=true'] : []),
        ];
        return set.length === 0 ? undefined : { reason: 'host namespaces', detail: set.join(', ') };
      },
    },
  ],
};

/** check_hostPathVolumes.go */
export const hostPathVolumes: Control = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const names = (spec.volumes ?? []).filter((volume) => volume['hostPath'] != null).map(({ name }) => name);
        if (names.length === 0) return undefined;
        return { reason: 'hostPath volumes', detail: `${names.length === 1 ? 'volume' : 'volumes'} ${quoted(names)}` };
      },
    },
  ],
};

/** check_hostPorts.go */
export const hostPorts: Control = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const names: string[] = [];
        const ports: string[] = [];
        for (const container of containersOf(spec)) {
          const used = (container.ports ?? []).flatMap(({ hostPort = 0 }) =>
            hostPort === 0 ? [] : [String(hostPort)],
          );
          if (used.length > 0) names.push(container.name);
          ports.push(...used);
        }
        if (names.length === 0) return undefined;
        const distinct = sorted(ports);
        const uses = names.length === 1 ? 'uses' : 'use';
        const which = distinct.length === 1 ? 'hostPort' : 'hostPorts';
        return { reason: 'hostPort', detail: `${containers(names)} ${uses} ${which} ${distinct.join(', ')}` };
      },
    },
  ],
};

/** check_hostProbesAndhostLifecycle.go */
export const hostProbesAndHostLifecycle: Control = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    {
      since: 34,
      check: (_meta, spec) => {
        const names: string[] = [];
        const hosts: string[] = [];
        for (const container of containersOf(spec)) {
          const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
          const used = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
            .flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''])
            .filter((host) => host !== '');
          if (used.length > 0) names.push(container.name);
          hosts.push(...used);
        }
        if (names.length === 0) return undefined;
        const distinct = sorted(hosts);
        const uses = names.length === 1 ? 'uses' : 'use';
        const which = distinct.length === 1 ? 'probe or lifecycle host' : 'probe or lifecycle hosts';
        return {
          reason: 'probe or lifecycle host',
          detail: `${containers(sorted(names))} ${uses} ${which} ${quoted(distinct)}`,
        };
      },
    },
  ],
};

/** check_windowsHostProcess.go */
export const windowsHostProcess: Control = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const names = containersOf(spec)
          .filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true)
          .map(({ name }) => name);
        const pod = spec.securityContext?.windowsOptions?.hostProcess === true;
        if (!pod && names.length === 0) return undefined;
        return {
          reason: 'hostProcess',
          detail: `${setters(pod, names)} must not set securityContext.windowsOptions.hostProcess=true`,
        };
      },
    },
  ],
};
