/** Labels of the scraped series, which rules select by; they can never change quietly. */
export const REGISTRY_JOB = "registry";
export const PUSHGATEWAY_JOB = "pushgateway";
/** Apart from the job of a node exporter that is scraped already, so that rules over that one count no host twice. */
export const REGISTRY_HOST_JOB = "registry-host";
/** Which registry service a series of the job `registry` is of. */
export const LABEL_REGISTRY = "registry";
