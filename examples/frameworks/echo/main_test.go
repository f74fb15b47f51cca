package main

import (
	"testing"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/examples/frameworks/shop/shoptest"
)

func TestSite(t *testing.T) { shoptest.Visit(t, site(shop.New())) }
