// Where requests cannot outlive the page, beacons can (Firefox before 133).
if (!("keepalive" in Request.prototype))
    post = async body => ({status: navigator.sendBeacon(options.api, body) ? 202 : 503});
