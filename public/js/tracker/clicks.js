// One listener for all clicks. A feature adds a function that tells whether it has counted the element.
const clicked = [];

const click = event => {
    // The element within a component, too.
    const element = event.composedPath()[0];
    // Of the other buttons, the middle one opens links.
    if (element.closest && event.button < 2 - (event.type == "click")) clicked.some(count => count(element, event.type));
};
