import type { GroupDefinition } from "../../../lib/catalog/define-catalog";

export const activeUse = {
  title: "Active Use",
  services: {
    mailserver: {
      description: "Email (docker-mailserver)",
      stack: "mailserver",
      domains: { direct: ["mail", "mailserver-antispam", "mailserver-admin"] },
      runbooks: ["docs/runbooks/mailserver-pfsense-haproxy.md"],
    },
    shadowsocks: { description: "Proxy", stack: "shadowsocks" },
    webhook_handler: {
      description: "Webhook processing",
      stack: "webhook_handler",
      domains: { direct: ["webhook"] },
    },
    "tuya-bridge": { description: "Smart home bridge", stack: "tuya-bridge", domains: { direct: ["tuya"] } },
    dawarich: { description: "Location history", stack: "dawarich", domains: { direct: ["dawarich"] } },
    owntracks: { description: "Location tracking", stack: "owntracks", domains: { direct: ["owntracks"] } },
    nextcloud: { description: "File sync/share", stack: "nextcloud", domains: { direct: ["nextcloud"] } },
    calibre: {
      description: "E-book management",
      stack: "calibre",
      status: "planned_merge",
      statusNote: "may be merged into ebooks stack",
      domains: { direct: ["calibre"] },
    },
    onlyoffice: { description: "Document editing", stack: "onlyoffice", domains: { direct: ["onlyoffice"] } },
    "f1-stream": { description: "F1 streaming", stack: "f1-stream", domains: { proxied: ["f1tv"] } },
    rybbit: { description: "Analytics", stack: "rybbit", domains: { direct: ["rybbit"] } },
    isponsorblocktv: {
      description: "SponsorBlock for TV",
      stack: "isponsorblocktv",
      domains: { direct: ["isponsorblocktv"] },
    },
    actualbudget: {
      description: "Budgeting",
      stack: "actualbudget",
      tags: ["factory pattern"],
      domains: { direct: ["actualbudget"] },
    },
    insta2spotify: { description: "Instagram reel song ID to Spotify playlist", stack: "insta2spotify" },
    "trading-bot": { description: "Event-driven trading with sentiment analysis", stack: "trading-bot" },
    "claude-memory": { description: "Persistent memory MCP server", stack: "claude-memory" },
    "council-complaints": { description: "Islington civic reporting pilot", stack: "council-complaints" },
  },
} as const satisfies GroupDefinition;
