import { effectOf, GO_ENDS } from '../../daemons/systemd/signal-effect.ts';
import type { DaemonLook } from '../../hosts/host-daemon.ts';
import type { Container, Pod } from '../../kubernetes/model/generated/objects.ts';

/** Where the control plane's images have their programs, and the variables of these images (kubernetes/release, images/build). */
const PROGRAMS = '/usr/local/bin';
const OF_IMAGE = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
};

/**
 * How a node shows the process of a component's container, which is of the container's name. `ended` takes the exit status of its container when somebody on the node has
 * killed it, or has asked it to end, on which the control plane's programs, which are Go's, exit in order.
 */
export function processOf(
  pod: Pod,
  container: Container,
  argv: readonly string[],
  ended: (exitCode: number) => void,
): DaemonLook {
  const { runAsUser: uid = 0, runAsGroup: gid = 0 } = { ...pod.spec.securityContext, ...container.securityContext };
  const own = (container.env ?? []).map(({ name, value = '' }) => [name, value]);
  return {
    program: `${PROGRAMS}/${container.name}`, // whatever its manifest calls it
    argv,
    environment: { ...OF_IMAGE, HOSTNAME: pod.spec.nodeName ?? '', ...Object.fromEntries(own) },
    ...(uid > 0 && uid <= LAST_USER && gid <= LAST_USER ? { user: { uid, gid, groups: [] } } : {}),
    killed: () => ended(128 + SIGKILL),
    signalled(signals) {
      for (const signal of signals) {
        const effect = effectOf(signal, { endsWith: GO_ENDS });
        if (effect !== 'none' && effect !== 'reload')
          ended(effect.code === 'exited' ? effect.status : 128 + effect.signal);
      }
    },
  };
}

const SIGKILL = 9;
/** A lab has no users beyond. */
const LAST_USER = 65535;
