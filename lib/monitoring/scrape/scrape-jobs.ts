/** Labels of the scraped series, which rules select by; they can never change quietly. */
export const REGISTRY_JOB = "registry";
export const PUSHGATEWAY_JOB = "pushgateway";
/** Which registry service a series of the job `registry` is of. */
export const LABEL_REGISTRY = "registry";
