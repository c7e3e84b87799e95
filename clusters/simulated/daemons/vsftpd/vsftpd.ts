import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';
import { readHostText } from '../host-text.ts';
import type { Unit } from '../systemd/unit.ts';
import { serveFtp } from './ftp-session.ts';
import { readFtpConfig, VSFTPD_CONFIG } from './vsftpd-config.ts';

/** vsftpd as far as strangers who look around go: its banner, anonymous logins, listing and fetching; local users cannot log in. */
export function vsftpd(host: SimulatedHost): Unit {
  let running: AsyncDisposable | undefined;
  return {
    async start(launch) {
      const failed = (line: string) => ({ status: 2, lines: [line] });
      let text: string | undefined;
      try {
        text = await readHostText(host, VSFTPD_CONFIG);
      } catch (error) {
        return failed(`500 OOPS: ${String(error)}`);
      }
      if (text === undefined) return failed(`500 OOPS: vsftpd: cannot read config file: ${VSFTPD_CONFIG}`);
      const config = readFtpConfig(text);
      if ('problem' in config) return failed(config.problem);
      try {
        const server = await launch.listen(config.port);
        running = serveConnections(server, (socket) => void serveFtp(socket, host, config));
      } catch {
        return failed('500 OOPS: could not bind listening IPv4 socket');
      }
      return undefined;
    },
    endsWith: {}, // its signals are not caught
    async stop() {
      await running?.[Symbol.asyncDispose]();
      running = undefined;
    },
  };
}
