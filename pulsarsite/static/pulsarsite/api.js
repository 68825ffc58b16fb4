// Draws the API's schema, from which it can be tried as whoever is logged in.

const settings = JSON.parse(document.getElementById("swagger-settings").textContent);
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

SwaggerUIBundle({
  ...settings,
  dom_id: "#swagger-ui",
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] = token();
    return request;
  },
});
