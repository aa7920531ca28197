"use strict";
// No validator: it would send the document to a host on the internet.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", validatorUrl: null, deepLinking: false });
