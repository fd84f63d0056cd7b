"use strict";

SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#schema",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
