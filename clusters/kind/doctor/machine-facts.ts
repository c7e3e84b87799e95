/** What decides how many labs a machine can hold. Read by `readMachineFacts`, judged by `capacityOf`. */
export interface MachineFacts {
  readonly memoryBytes: number;
  /** Free for new programs: `MemAvailable`. */
  readonly availableMemoryBytes: number;
  readonly cpus: number;
  /** Free where Docker keeps its images and containers; undefined when that is not on this machine. */
  readonly dockerFreeBytes?: number;
  readonly inotifyWatches: number;
  readonly inotifyInstances: number;
  readonly maxPids: number;
  readonly cgroupVersion: '1' | '2';
}
