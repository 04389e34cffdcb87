import type { ServiceDefinitions } from "../../../lib/catalog/define-catalog";

/** The first half of the group Optional, in its order. */
export const optionalApplications = {
  blog: { description: "Personal blog", stack: "blog", domains: { proxied: ["blog"] } },
  descheduler: { description: "Pod descheduler", stack: "descheduler" },
  hackmd: { description: "Collaborative markdown", stack: "hackmd", domains: { proxied: ["hackmd"] } },
  kms: { description: "Key management", stack: "kms" },
  privatebin: {
    description: "Encrypted pastebin",
    stack: "privatebin",
    domains: { proxied: ["privatebin"] },
  },
  vault: { description: "HashiCorp Vault", stack: "vault" },
  reloader: { description: "ConfigMap/Secret reloader", stack: "reloader" },
  "city-guesser": { description: "Game", stack: "city-guesser", domains: { proxied: ["city-guesser"] } },
  echo: { description: "Echo server", stack: "echo", domains: { proxied: ["echo"] } },
  url: { description: "URL shortener", stack: "url", domains: { proxied: ["url"] } },
  excalidraw: { description: "Whiteboard", stack: "excalidraw", domains: { proxied: ["excalidraw"] } },
  travel_blog: { description: "Travel blog", stack: "travel_blog", domains: { proxied: ["travel"] } },
  dashy: { description: "Dashboard", stack: "dashy", domains: { proxied: ["dashy"] } },
  send: { description: "Firefox Send", stack: "send", domains: { proxied: ["send"] } },
  ytdlp: { description: "YouTube downloader", stack: "ytdlp" },
  wealthfolio: { description: "Finance tracking", stack: "wealthfolio" },
  audiobookshelf: {
    description: "Audiobook server",
    stack: "audiobookshelf",
    status: "planned_merge",
    statusNote: "may be merged into ebooks stack",
    domains: { proxied: ["audiobookshelf"] },
  },
  "paperless-ngx": {
    description: "Document management",
    stack: "paperless-ngx",
    domains: { direct: ["paperless"] },
  },
  jsoncrack: { description: "JSON visualizer", stack: "jsoncrack", domains: { proxied: ["jsoncrack"] } },
  servarr: {
    description: "Media automation (Sonarr/Radarr/etc)",
    stack: "servarr",
    domains: { direct: ["servarr", "radarr", "sonarr"] },
  },
  ntfy: { description: "Push notifications", stack: "ntfy", domains: { proxied: ["ntfy"] } },
  cyberchef: { description: "Data transformation", stack: "cyberchef", domains: { proxied: ["cyberchef"] } },
  diun: {
    description: "Docker image update notifier — detects new versions, fires webhook to n8n upgrade agent",
    stack: "diun",
  },
  meshcentral: {
    description: "Remote management",
    stack: "meshcentral",
    domains: { direct: ["meshcentral"] },
  },
  homepage: { description: "Dashboard/startpage", stack: "homepage", domains: { proxied: ["homepage"] } },
  matrix: { description: "Matrix chat server", stack: "matrix" },
  linkwarden: { description: "Bookmark manager", stack: "linkwarden", domains: { proxied: ["linkwarden"] } },
  changedetection: {
    description: "Web change detection",
    stack: "changedetection",
    domains: { proxied: ["changedetection"] },
  },
  tandoor: { description: "Recipe manager", stack: "tandoor", domains: { proxied: ["tandoor"] } },
  n8n: { description: "Workflow automation", stack: "n8n", domains: { proxied: ["n8n"] } },
} as const satisfies ServiceDefinitions;
