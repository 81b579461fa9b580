/** How many seconds of the clock this machine needs right now for one of computing; 1 where nothing else runs. */
export function slowness(): number {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const computed = () => Object.values(process.cpuUsage(used)).reduce((sum, each) => sum + each, 0) / 1000;
  while (computed() < 100);
  return Math.max(1, (performance.now() - began) / computed());
}
