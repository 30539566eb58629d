// Runs before Chainlit's own script: without a choice of the shopper's, follow the system's theme.
if (!localStorage.getItem("vite-ui-theme")) localStorage.setItem("vite-ui-theme", "system");
