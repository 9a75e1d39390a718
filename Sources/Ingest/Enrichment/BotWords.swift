/// The words by which programs that are no person's browser name themselves, by what they are for.
///
/// Facts, gathered from what their operators document and from agents in logs and in the public-domain collection
/// `fixtures/crawlers.yml` of isbot; the words, their marks and classes are Mochi's own. Rows stand in the order in
/// which they explain an agent best: names before kinds, and what any robot may have at the end.
///
/// To refuse another program, add its word to the row that says what it is for.
enum BotWords {
    typealias Row = (class: BotClass, words: String)

    static let all: [Row] = [
        (
            .artificialIntelligence,
            """
            gptbot|chatgpt-user|oai-searchbot|<openai>|claudebot|claude-user|claude-searchbot|claude-web\
            |claude-code|anthropic|perplexitybot|perplexity-user|ccbot/|google-extended|googleother|bytespider\
            |amazonbot|applebot-extended|meta-externalagent|meta-externalfetcher|mistralai-user\
            |cohere-ai|cohere-training|diffbot|youbot|ai2bot|timpibot|imagesiftbot|omgili|webzio|duckassistbot\
            |<devin/|^cursor/|bigsur.ai|the knowledge ai|pangubot|deepseekbot|google-notebooklm|^mcp>|langchain\
            |llamaindex|firecrawl
            """
        ),
        (
            .searchEngine,
            """
            googlebot|google-inspectiontool|google-site-verification|googleweblight|apis-google|storebot-google\
            |bingbot|bingpreview|msnbot|adidxbot|yandexbot|yandex.com/bots|yadirectfetcher|yandeximages\
            |yandexverticals|yandexmobilebot|baiduspider|baiduimagespider|duckduckbot|applebot|petalbot\
            |aspiegelbot|sogou web|sogou head|sogou pic|sogou orion|seznambot|seznam-|seznamemail|naverbot|<yeti/\
            |mojeekbot|qwantbot|qwantify|exabot|yacybot|coccocbot|kagibot|yahoo! slurp;|yahoo-mmcrawler\
            |yahooseeker|easouspider|360spider|haosouspider|sosospider|yisouspider|linespider|daum/|gigablast\
            |gigabot|startpage|neevabot|bravebot|ichiro/|^mnogosearch|northernlight|marginalia|googlepreview\
            |google favicon|google web preview|web/snippet|google-adwords|google-cloud|google_partner|mediapartners\
            |feedfetcher-google|appengine-google|google page speed|googleimageproxy|adsbot|ads-bot|^duckduckgo/\
            |^ddg-android|^ddg_android|hlavicka
            """
        ),
        (
            .linkPreview,
            """
            facebookexternalhit|facebookcatalog|<facebot|meta-external|twitterbot|linkedinbot|slackbot|slack-img\
            |telegrambot|^whatsapp/|discordbot|pinterestbot|^pinterest/0|redditbot|skypeuripreview|vkshare\
            |embedly|iframely|quora link|snapchat;|snap url|bluesky cardyb|cardyb|link preview|linkexpander|<onebox\
            |outbrain|flipboardproxy|flipboardrss|pocketparser|bitlybot|tumblr/|mastodon/|<xenforo|viberbot\
            |google-pagerenderer|placid.app|nuzzel|paperlibot|kakaotalk-scrap|line-poker|skypeurl|<iframely
            """
        ),
        (
            .monitoring,
            """
            uptimerobot|uptimebot|pingdom|statuscake|site24x7|gomezagent|catchpoint|ruxitsynthetic|datadogsynth\
            |datadog/synth|splunk synthetics|syntheticsagent|newrelicpinger|new relic|betteruptime|better uptime\
            |checkly|hetrixtools|freshping|updown.io|webgazer|nagios|check_http|monitoring-plugins|zabbix|munin/\
            |xymon|hobbit |<monit/|prtg|elb-healthchecker|route53-health|googlehc|kube-probe|healthcheck\
            |health check|^consul |ptst/|speedcurve|webpagetest|gtmetrix;|pagespeed|chrome-lighthouse|lighthouse\
            |phantomas|cloudflareobservatory|yottaamonitor|rigor)|; rigor|dejaclick|service monitor|monitoring\
            |dynatrace|<site-shot|observatory|ad monitoring|<evc-batch|keycdn-tools|domain monitor|<uptime;\
            |uptime-kuma|netcraft|<sectigo|let's encrypt|ssl labs|ssllabs|tlsprobe|custom hostname ver\
            |early hints|<hwcdn/|^rackspacebot|<hydra)|hydra proxy
            """
        ),
        (
            .feedReader,
            """
            feedly|<feedbin|feedburner|feedspot|feedparser|feed parser|feeddler|feeder.co|newsblur|inoreader\
            |theoldreader|netvibes|<reeder/|bloglovin|blogtrottr|newsgator|<netnewswire|freshrss|tiny tiny rss\
            |quiterss|rssbandit|rss junkie|rssradio|magpierss|metafeedly|commafeed|superfeedr|<fever/|<miniflux\
            |apple-pubsub|silverreader|<subscribers>|feed-id=|feedid:|<breaker/|downcast/|<podcasts/|<castro\
            |<overcast/|<gpodder|<akregator|<liferea|<simplepie|rss reader|rssowl|<vienna/|newspaper/|<winds:|swcd (\
            |zelist|spinn3r|trendiction|aggregator
            """
        ),
        (
            .marketing,
            """
            ahrefs|semrush|mj12bot|dotbot|rogerbot|screaming frog|seokicks|sistrix|dataforseo|serpstat|barkrowler\
            |blexbot|megaindex|linkdex|seopult|siteauditor|seoscanners|seo consulting|analyticsseo|sitechecker\
            |siteimprove|morningscore|marketgoo|woorank|<hubspot|builtwith|wappalyzer|similartech|mixrank\
            |dataprovider|datanyze|backlink|brandverity|brandwatch|awario|<buck/|hypefactors|<meltwater|sensika\
            |scope3|grapeshot|peer39|proximic|admantx|doubleverify|ias_crawler|ias-|integralads|xaxis\
            |zoominfo|<clearbit|leadgen|leadfeeder|<tineye|copyscape|turnitin|tracemyfile|<surveybot|domaintools\
            |domainreanimator|linkcheck|brokenlink|redirect checker|<dmbrowser|similarweb|website grader|boardreader\
            |bountii|<interasco|lcc (+|<optimizer>|url checker|getthit|traffic exchange|<zoom marketplace|sitescore
            """
        ),
        (
            .scanner,
            """
            sqlmap|nikto|nmap|<masscan|zgrab|nuclei|acunetix|arachni|<wpscan|burpcollab|burpsuite|<netsparker|qualys\
            |<nessus|openvas|expanse,|censys|shodan|internet-measurement|l9tcpid|l9explore|leakix|ltx71|<detectify\
            |intruder.io|fuzz faster|<ffuf|dirbuster|gobuster|<feroxbuster|whatweb|jsjcw|web scan|foregenix\
            |bitdiscovery|palo alto|xforce|clamav|kaspersky|perimeterx|netlyzer|<hello, world|cms detector\
            |security scan|<scanner|_scanner|onetrust|cookiebot|<cookiehub|virustotal|urlscan|secureurl\
            |projectdiscovery|<deepnoc|<waitwhat
            """
        ),
        (
            .archive,
            """
            archive.org|ia_archiver|archivebox|special_archiver|<heritrix|archiver|archive-it|webarchiv|wayback\
            |httrack|sitesucker|webcopier|<teleport|offline explorer|<igetter|pageburst|<wget|wget2|webzip\
            |<owler|openwebsearch|nutch|<bubing|<80legs|80legs|common crawl|memorybot|prittorrent
            """
        ),
        (
            .headless,
            """
            headless|phantomjs|puppeteer|playwright|selenium|webdriver|cypress/|slimerjs|casperjs|electron-prerender\
            |prerender|rendertron|splash version|<htmlunit|zombie.js|<jsdom|browsershots|browserless|chrome-aws\
            |percy/|<nightmare|botium|miniature.io/bot|google-read-aloud|chromedriver|intoli
            """
        ),
        (
            .library,
            """
            ^curl|libcurl|<python|aiohttp|httpx/|<urllib|scrapy|<requests/|go-http|<go-resty|^go-|okhttp/$|^okhttp\
            |<axios|node-fetch|<undici|<got/|got (|superagent|request-promise|<needle/|^java/|^java1|apache-http\
            |commons-http|^jersey|httpurlconn|<unirest|<restsharp|rest-client|restclient|<guzzle|^php|<php/|<zend_\
            |symfony|wordpress/|^wordpress|drupal|<joomla|libwww-perl|libwww/5.4|lwp::|lwp-trivial|lwp-request\
            |<mechanize|^ruby|^rack|faraday|typhoeus|http.rb|httparty|scalaj|http-kit|<akka-http|<reqwest|<hyper/\
            |<ureq|^rust|<dart/|dart:io|<dio/|winhttp|wininet|^dotnet|.net core|powershell|postman|insomnia\
            |^httpie|<paw/|lua-resty|<grpc-|^perl|<snoopy|^cpp-|libfetch|<aria2|axel/|^lftp|<wasm|<deno|^bun/|^node\
            |azure-logic|microsoft-flow|<zapier|<make.com|^n8n|ifttt|<integromat|jakarta|<vb project\
            |indy library|synapse|client/default_|default_user|http_request|httpclient|http client|^apache\
            |^nginx|^varnish|^traefik|cron service|^emclient|<valve/steam|yourls|jigsaw/|w3c_|w3c-|validator
            """
        ),
        (
            .crawler,
            """
            <bot>|bot>|bot_|bots>|botsin|crawl|spider|scrap|harvest|slurp;|fetcher|<fetch|webcollage|extract|exractor\
            |email wolf|emailwolf|indexer|<checker>|-checker|analyzer|detector>|<detect>|robot|<worm>\
            |<probe>|fastprobe|synthetic|<daemon|<proxy)|<preview>|<parser>|webagent|www.gett|jobhunter|<gezgin|explorador\
            |007ac9|<008/|<bw/1|<wikido|<vagabondo|genieo|theoldreader|<idg/it|shopalike|nlcrawler|catexp\
            |<m2e pro|medusa/|tarmot|shopwiki|mixnode|<webcapture|<nibbler|<amaya/|datacha0s|<butterfly\
            |saferaver|at)gmail|(at)|support@|bot@|crawler@|info@|awp/2.0 sogo|pisya
            """
        ),
        // Two copied strings that farms of fake clicks send, which no WeChat ever sent.
        (.forged, "^anonymous,|^anonymous>|105.0.0.0mqqbrowser|7.0.12(0x17000c2f) nettype/4g language/zh_c"),
        (.address, "http://|https://|www."),
    ]

    /// Words that contain one of the above and mean something else: a maker of telephones, feed buttons in apps.
    static let exceptions = ["cubot", "robotic", "iscrap", "<cubot", "scrapbook", "spidermonkey"]
}
