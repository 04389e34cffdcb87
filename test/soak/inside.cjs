/** Loaded into a soaked process: answers what only the process itself knows. It keeps nothing alive. */
process.on("message", () => {
  global.gc();
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  process.send({ heapUsed: process.memoryUsage().heapUsed, resources });
});
process.channel.unref();
